/* Numbers in text that the library writes for itself or reads from files have a decimal point,
 * whatever locale the program has chosen. Affects the calling thread only. */
#ifndef DCL_CORE_LOCALE_H
#define DCL_CORE_LOCALE_H

#include <locale.h>

struct dcl_c_locale {
    locale_t c, before;
};

/* From here to dcl_c_locale_leave this thread's numbers are C's. */
static inline struct dcl_c_locale dcl_c_locale_enter(void)
{
    struct dcl_c_locale l = {newlocale(LC_ALL_MASK, "C", (locale_t)0), (locale_t)0};
    if (l.c)
        l.before = uselocale(l.c);
    return l;
}

static inline void dcl_c_locale_leave(struct dcl_c_locale l)
{
    if (!l.c)
        return;
    uselocale(l.before);
    freelocale(l.c);
}

#endif
