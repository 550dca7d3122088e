/* Parts of the measurement of whole detectors. */
#ifndef DCL_BENCH_NETWORK_H
#define DCL_BENCH_NETWORK_H

#include "detcl/detect.h"
#include "harness/bench.h"

/* "yolox_nano" of "folder/yolox_nano.onnx". */
void dcl_bench_network_name(const char *model, char *name, size_t size);

/* The sidecar in the network's folder of sidecars, or NULL: beside the model then, if at all. */
const char *dcl_bench_sidecar(const struct dcl_bench_network *network, char *path, size_t size);

/* Starts of fresh processes, with empty caches and again: cold_start_ms, second_start_ms and
 * peak_host_bytes of the row; null where no process could be started. */
void dcl_bench_starts(const struct dcl_bench_options *options,
                      const struct dcl_bench_network *network, const char *device, json_t *row);

#endif
