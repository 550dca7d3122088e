# The check library: the harness and one check an op, linked by the tests and by `detcl check`.
set(check_sources tests/check.c)
foreach(op IN LISTS DETCL_OPS)
  list(APPEND check_sources tests/check_${op}.c)
endforeach()
add_library(detcl_check STATIC ${check_sources})
target_link_libraries(detcl_check PUBLIC detcl_static detcl_flags)
target_include_directories(detcl_check PUBLIC ${PROJECT_SOURCE_DIR}/tests)
target_compile_definitions(detcl_check PUBLIC $<$<BOOL:${DETCL_OPENCL}>:DETCL_OPENCL>)
