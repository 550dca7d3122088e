# What the command is made of besides the library: image files, with packages of their own. Nothing
# here is linked into libdetcl. detcl_apps is what a test links to reach all of it.
find_package(PkgConfig REQUIRED)
pkg_check_modules(PNG REQUIRED IMPORTED_TARGET libpng)
pkg_check_modules(TURBOJPEG REQUIRED IMPORTED_TARGET libturbojpeg)

file(GLOB image_sources CONFIGURE_DEPENDS host/image/*.c)
add_library(detcl_image STATIC ${image_sources})
target_link_libraries(detcl_image PUBLIC detcl_flags PkgConfig::PNG PkgConfig::TURBOJPEG m)

add_library(detcl_apps INTERFACE)
target_link_libraries(detcl_apps INTERFACE detcl_image)
