#include "json/values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of the character that `s` begins with; 0 when it is not UTF-8. */
static size_t character(const unsigned char *s)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    const size_t n = s[0] < 0x80 ? 1 : s[0] < 0xc0 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (n < 2 || s[0] >= 0xf8)
        return n == 1;
    unsigned code = s[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (s[i] & 0x3f);
    }
    return code < least[n] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : n;
}

json_t *dcl_json_text(const char *text)
{
    char *copy = malloc(3 * strlen(text) + 1), *to = copy;
    if (!copy)
        return NULL;
    for (const unsigned char *s = (const unsigned char *)text; *s;) {
        const size_t n = character(s);
        memcpy(to, n ? (const char *)s : "\xef\xbf\xbd", n ? n : 3);
        to += n ? n : 3;
        s += n ? n : 1;
    }
    json_t *out = json_stringn(copy, (size_t)(to - copy));
    free(copy);
    return out;
}

json_t *dcl_json_number(double v)
{
    return isfinite(v) ? json_real(v) : json_null();
}
