# ONNX import: the schema's C code is generated at build time, and compiled and included without our
# warnings.
detcl_find_module(PROTOBUF_C libprotobuf-c)
find_program(PROTOC NAMES protoc-c protoc REQUIRED)
set(onnx_folder ${PROJECT_BINARY_DIR}/onnx)
file(MAKE_DIRECTORY ${onnx_folder})
add_custom_command(
  OUTPUT ${onnx_folder}/onnx.pb-c.c ${onnx_folder}/onnx.pb-c.h
  COMMAND ${PROTOC} --c_out=${onnx_folder} --proto_path=${PROJECT_SOURCE_DIR}/host/onnx onnx.proto
  DEPENDS ${PROJECT_SOURCE_DIR}/host/onnx/onnx.proto VERBATIM)
set_source_files_properties(${onnx_folder}/onnx.pb-c.c PROPERTIES COMPILE_OPTIONS -w)

file(GLOB onnx_sources CONFIGURE_DEPENDS host/onnx/*.c)
target_sources(detcl_objects PRIVATE ${onnx_sources} ${onnx_folder}/onnx.pb-c.c ${onnx_folder}/onnx.pb-c.h)
target_include_directories(detcl_objects SYSTEM PUBLIC ${onnx_folder} ${PROTOBUF_C_INCLUDE_DIRS})
target_compile_definitions(detcl_objects PUBLIC DETCL_ONNX)
