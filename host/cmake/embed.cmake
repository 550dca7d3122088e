# Writes OUTPUT, a C file with FUNCTION, which returns the text of each file given in SOURCES (a |-separated
# list) by its stem. A line #include "NAME.h" becomes the text of NAME.h beside the file, because drivers see
# one text without folders.
# Run as: cmake -DOUTPUT=kernels.c -DFUNCTION=dcl_kernel_source -DSOURCES="a.cl|b.cl" -P embed.cmake
string(REPLACE "|" ";" sources "${SOURCES}")
set(text "/* Made by host/cmake/embed.cmake. */\n#include <stddef.h>\n#include <string.h>\n\n")
string(APPEND text "const char *${FUNCTION}(const char *stem);\n\n")
set(table "")
foreach(source IN LISTS sources)
  get_filename_component(stem "${source}" NAME_WE)
  file(READ "${source}" body HEX)
  get_filename_component(folder "${source}" DIRECTORY)
  file(GLOB headers "${folder}/*.h")
  set(before "")
  while(NOT "${body}" STREQUAL "${before}")
    set(before "${body}")
    foreach(header IN LISTS headers)
      get_filename_component(name "${header}" NAME)
      string(HEX "#include \"${name}\"\n" line)
      file(READ "${header}" inner HEX)
      string(REPLACE "${line}" "${inner}" body "${body}")
    endforeach()
  endwhile()
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," body "${body}")
  string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "    \\1\n" body "${body}")
  string(APPEND text "static const char ${stem}[] = {\n${body}0\n};\n\n")
  string(APPEND table "    { \"${stem}\", ${stem} },\n")
endforeach()
string(APPEND text "static const struct {\n    const char *stem, *text;\n} table[] = {\n${table}    { NULL, NULL },\n};\n\n"
"const char *${FUNCTION}(const char *stem)\n{\n"
"    for (size_t i = 0; table[i].stem; i++)\n"
"        if (strcmp(table[i].stem, stem) == 0)\n            return table[i].text;\n    return NULL;\n}\n")
file(WRITE "${OUTPUT}" "${text}")
