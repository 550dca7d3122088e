/* What many times of one thing say. */
#ifndef DCL_BENCH_STATISTICS_H
#define DCL_BENCH_STATISTICS_H

/* In the unit of the samples. Quantiles are interpolated between order statistics (Hyndman and Fan,
 * "Sample Quantiles in Statistical Packages", 1996, type 7, as NumPy's default). */
struct dcl_statistics {
    int n;
    double median, p90, p99, least, most;
    double spread; /* interquartile range / median: 0.05 is calm */
    double drift;  /* median of the last third / median of the first third - 1 */
};

/* Sorts a copy of `samples` (n >= 1) in `room`, which has as many. */
struct dcl_statistics dcl_statistics_of(const double *samples, int n, double *room);

/* Quantile q in 0..1 of sorted samples. */
double dcl_quantile(const double *sorted, int n, double q);

#endif
