# How the library finds the packages it links, and remembers them for those who link the static
# library: library_links (targets), library_dependencies (lines of the CMake package), library_modules
# and library_flags (Requires.private and Libs.private of detcl.pc).
set(library_dependencies "")
set(library_modules "")
set(library_flags "-lm")

# A CMake package: detcl_find(OpenCL OpenCL::OpenCL -lOpenCL)
macro(detcl_find package target flag)
  if(NOT TARGET ${target})
    find_package(${package} REQUIRED)
    # Seen by a parent project too, which links it through detcl_static.
    set_target_properties(${target} PROPERTIES IMPORTED_GLOBAL TRUE)
  endif()
  list(APPEND library_links ${target})
  string(APPEND library_flags " ${flag}")
  string(APPEND library_dependencies "  find_dependency(${package})\n")
endmacro()

# A pkg-config module: detcl_find_module(PROTOBUF_C libprotobuf-c)
macro(detcl_find_module prefix module)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(${prefix} REQUIRED IMPORTED_TARGET GLOBAL ${module})
  list(APPEND library_links PkgConfig::${prefix})
  list(APPEND library_modules ${module})
  string(APPEND library_dependencies
    "  find_dependency(PkgConfig)\n  pkg_check_modules(${prefix} REQUIRED IMPORTED_TARGET ${module})\n")
endmacro()
