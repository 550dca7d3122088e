# The command and what it is made of besides the library: image files, JSON, with packages of their
# own. Nothing here is linked into libdetcl. detcl_apps is what a test links to reach all of it.
find_package(PkgConfig REQUIRED)
pkg_check_modules(PNG REQUIRED IMPORTED_TARGET libpng)
pkg_check_modules(TURBOJPEG REQUIRED IMPORTED_TARGET libturbojpeg)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)

file(GLOB image_sources CONFIGURE_DEPENDS host/image/*.c)
add_library(detcl_image STATIC ${image_sources})
target_link_libraries(detcl_image PUBLIC detcl_flags PkgConfig::PNG PkgConfig::TURBOJPEG m)

add_library(detcl_apps INTERFACE)
target_link_libraries(detcl_apps INTERFACE detcl_image)

# What `detcl bench` measures with and writes its reports with; the schema of its documents and the
# style of its pages are files of their own.
file(GLOB bench_sources CONFIGURE_DEPENDS bench/harness/*.c bench/report/*.c host/json/*.c)
set(report_texts bench/results/schema.json bench/report/style.css bench/report/script.js)
list(TRANSFORM report_texts PREPEND ${PROJECT_SOURCE_DIR}/)
detcl_embed(report_texts.c dcl_report_text ${report_texts})
add_library(detcl_bench STATIC ${bench_sources} ${PROJECT_BINARY_DIR}/report_texts.c)
target_link_libraries(detcl_bench PUBLIC detcl_static detcl_image detcl_flags PkgConfig::JANSSON)
target_include_directories(detcl_bench PUBLIC bench)
target_compile_definitions(detcl_bench PRIVATE DETCL_VERSION="${PROJECT_VERSION}"
  $<$<BOOL:${DETCL_OPENCL}>:DETCL_OPENCL CL_TARGET_OPENCL_VERSION=120>)

file(GLOB cli_sources CONFIGURE_DEPENDS host/cli/*.c)
add_executable(detcl ${cli_sources})
target_link_libraries(detcl PRIVATE detcl_bench detcl_check detcl_static detcl_image detcl_flags PkgConfig::JANSSON)
target_compile_definitions(detcl PRIVATE DETCL_VERSION="${PROJECT_VERSION}"
  DETCL_INSTALLED_MODELS="${CMAKE_INSTALL_FULL_DATADIR}/detcl/models"
  DETCL_SOURCE_MODELS="${PROJECT_SOURCE_DIR}/host/models/markers")
install(TARGETS detcl)
install(FILES host/models/markers/markers.onnx host/models/markers/markers.detcl.json
  host/models/markers/demo.jpg DESTINATION ${CMAKE_INSTALL_DATADIR}/detcl/models)
