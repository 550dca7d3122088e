# Headers, libraries, detcl.pc and the CMake package. The targets of the two libraries are exported
# apart: only the static one needs the packages that the library is made of.
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/detcl)
set(pc_folder ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(DIRECTORY include/detcl DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(TARGETS detcl_shared EXPORT detcl_shared)
install(TARGETS detcl_static EXPORT detcl_static)
install(EXPORT detcl_shared FILE detcl-shared.cmake NAMESPACE detcl:: DESTINATION ${package_folder})
install(EXPORT detcl_static FILE detcl-static.cmake NAMESPACE detcl:: DESTINATION ${package_folder})

configure_package_config_file(host/cmake/detcl-config.cmake.in
  ${PROJECT_BINARY_DIR}/package/detcl-config.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/detcl-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/package/detcl-config.cmake
  ${PROJECT_BINARY_DIR}/package/detcl-config-version.cmake DESTINATION ${package_folder})

# Relative to where the file lies, so that an install can be moved.
file(RELATIVE_PATH pc_prefix ${CMAKE_INSTALL_PREFIX}/${pc_folder} ${CMAKE_INSTALL_PREFIX})
list(JOIN library_modules " " pc_modules)
configure_file(host/cmake/detcl.pc.in ${PROJECT_BINARY_DIR}/package/detcl.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/package/detcl.pc DESTINATION ${pc_folder})
