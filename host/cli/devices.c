/* detcl devices: what there is to run on. */
#include "json_file.h"

#include <getopt.h>
#include <stdlib.h>

static const char usage[] =
    "Usage: detcl devices [--json]\n"
    "\n"
    "List the devices with their limits, one block each; the CPU device is the last.\n"
    "The first word is what --device takes; a part of a name or 'opencl:PLATFORM' works too.\n"
    "\n"
    "  --json   an array of objects instead, sizes in bytes, clock in MHz\n"
    "  --help   this text\n"
    "\n"
    "Example: detcl devices --json | jq -r '.[].id'\n";

static json_t *device_json(const struct detcl_device_info *d)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:i, s:i, s:I, s:I, s:I, s:I}", "id",
                     dcl_json_text(d->id), "name", dcl_json_text(d->name), "platform",
                     dcl_json_text(d->platform), "driver", dcl_json_text(d->driver), "version",
                     dcl_json_text(d->version), "type", dcl_json_text(d->type), "profile",
                     dcl_json_text(d->profile), "channel_block", d->channel_block, "compute_units",
                     d->compute_units, "clock_mhz", d->clock_mhz, "global_bytes",
                     (json_int_t)d->global_bytes, "max_alloc_bytes", (json_int_t)d->max_alloc_bytes,
                     "local_bytes", (json_int_t)d->local_bytes, "max_work_group",
                     (json_int_t)d->max_work_group);
}

static bool print_json(struct dcl_console *console, const struct detcl_device_info *list, int n)
{
    json_t *root = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(root, device_json(&list[i]));
    const bool good = dcl_json_write(console, root, "-");
    json_decref(root);
    return good;
}

static void print_text(const struct detcl_device_info *d)
{
    printf("%-10s %s\n", d->id, d->name);
    if (*d->version)
        printf("           %s, driver %s, %s\n", d->platform, d->driver, d->version);
    printf("           %s, %s profile, channel block %d", d->type, d->profile, d->channel_block);
    if (d->compute_units)
        printf(", %d compute units", d->compute_units);
    if (d->clock_mhz)
        printf(", %d MHz", d->clock_mhz);
    if (d->max_work_group)
        printf("\n           memory %.1f GiB, largest buffer %.1f GiB, local memory %.0f KiB, "
               "work-group %llu",
               (double)d->global_bytes / (1 << 30), (double)d->max_alloc_bytes / (1 << 30),
               (double)d->local_bytes / 1024, (unsigned long long)d->max_work_group);
    putchar('\n');
}

static enum dcl_exit list_devices(struct dcl_console *console, bool json)
{
    int n = 0;
    detcl_devices(NULL, 0, &n);
    struct detcl_device_info *list = calloc((size_t)n, sizeof *list);
    if (!list) {
        dcl_console_error(console, "out of memory");
        return DCL_EXIT_RUNTIME;
    }
    int found = n;
    detcl_devices(list, n, &found);
    found = found < n ? found : n;
    bool good = true;
    if (json)
        good = print_json(console, list, found);
    for (int i = 0; !json && i < found; i++)
        print_text(&list[i]);
    free(list);
    return good ? DCL_EXIT_OK : DCL_EXIT_RUNTIME;
}

enum dcl_exit dcl_cli_devices(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    struct dcl_console console;
    dcl_console_init(&console, "devices");
    bool json = false;
    for (int o; (o = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        switch (o) {
        case 'j':
            json = true;
            break;
        case 'h':
            fputs(usage, stdout);
            return DCL_EXIT_OK;
        default:
            return dcl_console_hint(&console);
        }
    }
    if (optind < argc)
        return dcl_console_usage(&console, "'%s' is one argument too many", argv[optind]);
    return list_devices(&console, json);
}
