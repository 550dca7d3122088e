/* What measuring found on a device: for a call, described by its key, the choice that was fastest,
 * and choices that gave wrong results or did not run. A context has one table; who records a call
 * asks it (dcl_choose, ops/record.h) and follows its own model of the device where it has nothing.
 *
 * As text a table is lines of fields with tabs between them:
 *
 *     detcl-tuning 1
 *     device   NAME             the lines down to `profile` must be those of the device
 *     platform NAME
 *     driver   VERSION
 *     units    COUNT            compute units
 *     profile  NAME
 *     use      KEY  CHOICE  NANOSECONDS  NANOSECONDS of the model's own choice, 0 where it failed
 *     bad      KEY  CHOICE  WHY
 *
 * Text is hostile until checked: a foreign head rejects all of it, a damaged line is left out, and
 * a choice is followed only where the call offers just that one. */
#ifndef DCL_DEVICE_TUNING_H
#define DCL_DEVICE_TUNING_H

#include "core/error.h"
#include "detcl/context.h"

#include <stdbool.h>

/* Sizes of texts, the zero included. */
#define DCL_TUNING_KEY 192
#define DCL_TUNING_CHOICE 64
#define DCL_TUNING_WHY 256
#define DCL_TUNING_FILE 48

struct dcl_tuning_entry {
    char *key, *choice;
    char *why; /* not NULL: in quarantine */
    uint64_t ns, model_ns;
};

/* Sorted by key; all zeros is an empty table. */
struct dcl_tuning {
    struct dcl_tuning_entry *entries;
    int n, capacity;
};

void dcl_tuning_free(struct dcl_tuning *t);

/* The choice to use for the key, or NULL. Valid until the table changes. */
const char *dcl_tuning_find(const struct dcl_tuning *t, const char *key);

/* Why a choice is in quarantine for this key, or NULL: it is not. */
const char *dcl_tuning_why(const struct dcl_tuning *t, const char *key, const char *choice);

/* Use this choice from now on, which takes it out of quarantine. False: out of memory, or a text
 * is too long or holds control characters; the table is as it was. */
bool dcl_tuning_use(struct dcl_tuning *t, const char *key, const char *choice, uint64_t ns,
                    uint64_t model_ns);

/* Put a choice into quarantine, and no longer use it. Control characters in `why` become spaces,
 * and what is too long is cut off. False as above. */
bool dcl_tuning_bar(struct dcl_tuning *t, const char *key, const char *choice, const char *why);

/* Enter all of `from`, which wins where both say something. */
bool dcl_tuning_merge(struct dcl_tuning *t, const struct dcl_tuning *from);

/* The name of the device's database: letters, digits and underscores; the same for devices with an
 * equal head. */
void dcl_tuning_name(const struct detcl_device_info *device, char name[DCL_TUNING_FILE]);

/* Enter what `size` bytes of text say. `from` names the text in the log, where damage is told.
 * False: it is not a database of this device, and nothing was entered. */
bool dcl_tuning_parse(struct dcl_tuning *t, const char *text, size_t size,
                      const struct detcl_device_info *device, const char *from,
                      struct dcl_error *error);

/* The table as text, to be freed by the caller; NULL: out of memory. */
char *dcl_tuning_text(const struct dcl_tuning *t, const struct detcl_device_info *device);

#ifdef DETCL_OPENCL
/* What is shipped for the device, then the user's own over it. DETCL_NO_TUNING, set to anything but
 * "" and "0", leaves the table empty. Trouble goes to the log. (opencl_tuning.c) */
void dcl_tuning_load(struct dcl_tuning *t, const struct detcl_device_info *device,
                     struct dcl_error *error);

/* Enter `found` into the user's own database, DETCL_TUNING_DIR, else XDG_DATA_HOME/detcl/tuning,
 * else HOME/.local/share/detcl/tuning, which is written whole or not at all. `path` gets where it
 * is. On failure the error text says why. */
enum detcl_status dcl_tuning_save(const struct dcl_tuning *found,
                                  const struct detcl_device_info *device, char *path, size_t size,
                                  struct dcl_error *error);
#endif

#endif
