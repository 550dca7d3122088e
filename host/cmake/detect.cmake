# The detector level. Sidecars are JSON.
detcl_find_module(JANSSON jansson)
file(GLOB detect_sources CONFIGURE_DEPENDS host/detect/*.c)
target_sources(detcl_objects PRIVATE ${detect_sources})
target_link_libraries(detcl_objects PRIVATE PkgConfig::JANSSON)
