/* Numbers as people read them. */
#ifndef DCL_BENCH_FORMAT_H
#define DCL_BENCH_FORMAT_H

#include <stddef.h>

struct dcl_words {
    char text[32];
};

/* "3.21 us", "12.3 ms", "2.40 s"; "-" for NaN, as with all that follow. */
struct dcl_words dcl_ms(double ms);
/* Three significant digits and k, M, G: "1.23 G". */
struct dcl_words dcl_si(double v);
/* In GB/s, GFLOP/s or us as given, or the next unit: "1.80 TB/s". */
struct dcl_words dcl_rate(double v, const char *unit);
/* Powers of 1024: "64 MiB". */
struct dcl_words dcl_bytes(double v);
/* "41 %" of 0.41. */
struct dcl_words dcl_percent(double v);
/* "0.87x" */
struct dcl_words dcl_ratio(double v);
/* Three significant digits without an exponent. */
struct dcl_words dcl_number(double v);

/* Ticks of axes: no more digits than there are. "10 k", "5 us", "0.2x", "40 %" */
struct dcl_words dcl_tick(double v);
struct dcl_words dcl_tick_ms(double ms);
struct dcl_words dcl_tick_ratio(double v);
struct dcl_words dcl_tick_percent(double v);

#endif
