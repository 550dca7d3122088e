# Texts as C: FUNCTION of build/OUTPUT returns each file by its stem. kernels/*.h may be part of any.
function(detcl_embed output function)
  list(JOIN ARGN "|" list)
  file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/kernels/*.h)
  add_custom_command(
    OUTPUT ${PROJECT_BINARY_DIR}/${output}
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${PROJECT_BINARY_DIR}/${output} -DFUNCTION=${function} "-DSOURCES=${list}"
            -P ${PROJECT_SOURCE_DIR}/host/cmake/embed.cmake
    DEPENDS ${ARGN} ${headers} ${PROJECT_SOURCE_DIR}/host/cmake/embed.cmake VERBATIM)
endfunction()

# libdetcl: core, device, ops, graph; with ONNX and the detector level unless DETCL_OPS_ONLY.
file(STRINGS host/ops/ops.def op_lines REGEX "^DCL_OP\\(")
string(REGEX REPLACE "DCL_OP\\(([a-z0-9_]+)\\)" "\\1" DETCL_OPS "${op_lines}")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS host/ops/ops.def)
file(GLOB kernel_files CONFIGURE_DEPENDS kernels/*.cl)
file(GLOB library_sources CONFIGURE_DEPENDS host/core/*.c host/ops/*.c host/graph/*.c host/device/*.c
  host/propose/*.c)

set(library_links m)
set(library_definitions DETCL_BUILD)
if(DETCL_OPENCL)
  detcl_find(Threads Threads::Threads -pthread)
  detcl_find(OpenCL OpenCL::OpenCL -lOpenCL)
  list(APPEND library_definitions DETCL_OPENCL CL_TARGET_OPENCL_VERSION=120)
  if(DETCL_CLBLAST)
    find_package(PkgConfig)
  endif()
  if(DETCL_CLBLAST AND PkgConfig_FOUND)
    pkg_check_modules(CLBLAST_PRESENT QUIET clblast)
  endif()
  if(DETCL_CLBLAST AND CLBLAST_PRESENT_FOUND)
    detcl_find_module(CLBLAST clblast)
    list(APPEND library_definitions DETCL_CLBLAST)
  endif()
  detcl_embed(kernels.c dcl_kernel_source ${kernel_files})
  file(GLOB tuning_files CONFIGURE_DEPENDS host/tuning/*.txt)
  detcl_embed(tunings.c dcl_shipped_tuning ${tuning_files})
  list(APPEND library_sources ${PROJECT_BINARY_DIR}/kernels.c ${PROJECT_BINARY_DIR}/tunings.c)
else()
  list(FILTER library_sources EXCLUDE REGEX "host/device/(opencl|program_cache|disk_cache)[a-z_]*\\.c$")
endif()

add_library(detcl_objects OBJECT ${library_sources})
target_link_libraries(detcl_objects PUBLIC detcl_flags ${library_links})
target_compile_definitions(detcl_objects PUBLIC ${library_definitions})
if(NOT DETCL_OPS_ONLY)
  include(host/cmake/onnx.cmake OPTIONAL)
  include(host/cmake/detect.cmake)
endif()

add_library(detcl_shared SHARED $<TARGET_OBJECTS:detcl_objects>)
set_target_properties(detcl_shared PROPERTIES OUTPUT_NAME detcl EXPORT_NAME detcl
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
add_library(detcl_static STATIC $<TARGET_OBJECTS:detcl_objects>)
set_target_properties(detcl_static PROPERTIES OUTPUT_NAME detcl EXPORT_NAME detcl_static)
foreach(target detcl_shared detcl_static)
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                              $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${target} PRIVATE ${library_links} $<BUILD_INTERFACE:detcl_flags>)
endforeach()
if(NOT DETCL_SANITIZE)
  target_link_options(detcl_shared PRIVATE LINKER:--no-undefined)
endif()
add_library(detcl::detcl ALIAS detcl_shared)
add_library(detcl::detcl_static ALIAS detcl_static)
