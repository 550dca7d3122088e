#include "onnx/model.h"

#include <stdio.h>
#include <string.h>

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static struct dcl_onnx_problem *find(struct dcl_onnx_problems *p, const char *reason,
                                     const struct dcl_onnx_subject *subject)
{
    for (int i = 0; i < p->n; i++)
        if (strcmp(p->list[i].reason, reason) == 0 && same_text(p->list[i].type, subject->type) &&
            strcmp(p->list[i].kind, subject->kind) == 0)
            return &p->list[i];
    return NULL;
}

static enum detcl_status note(struct dcl_onnx_model *m, const struct dcl_onnx_subject *subject)
{
    struct dcl_onnx_problems *p = &m->problems;
    struct dcl_onnx_problem *problem = find(p, m->g->error->text, subject);
    if (!problem && p->n == DCL_ONNX_MAX_PROBLEMS) {
        p->unlisted++;
        return DETCL_OK;
    }
    if (!problem) {
        problem = &p->list[p->n++];
        *problem = (struct dcl_onnx_problem){.kind = subject->kind, .type = subject->type};
        problem->reason = dcl_arena_text(&m->g->arena, m->g->error->text);
        if (!problem->reason)
            return DCL_ONNX_FAIL(m, DETCL_ERROR_MEMORY, "out of memory");
    }
    if (problem->n_subjects < DCL_ONNX_MAX_NAMES)
        problem->names[problem->n_subjects] = subject->name;
    problem->n_subjects++;
    return DETCL_OK;
}

enum detcl_status dcl_onnx_collect(struct dcl_onnx_model *m, enum detcl_status status,
                                   const struct dcl_onnx_subject *subject)
{
    if (status == DETCL_ERROR_UNSUPPORTED)
        return note(m, subject);
    if (status != DETCL_OK && subject->type)
        dcl_error_prefix(m->g->error, "%s '%s' (%s): ", subject->kind, subject->name,
                         subject->type);
    else if (status != DETCL_OK)
        dcl_error_prefix(m->g->error, "%s '%s': ", subject->kind, subject->name);
    return status;
}

/* "Conv: the operator is not supported (nodes 'a', 'b' and 3 more)" */
static void describe(const struct dcl_onnx_problem *p, char *out, size_t size)
{
    size_t at =
        (size_t)snprintf(out, size, "%s%s%.200s (%s%s", p->type ? p->type : "", p->type ? ": " : "",
                         p->reason, p->kind, p->n_subjects > 1 ? "s" : "");
    const int listed = p->n_subjects < DCL_ONNX_MAX_NAMES ? p->n_subjects : DCL_ONNX_MAX_NAMES;
    for (int i = 0; i < listed && at < size; i++)
        at += (size_t)snprintf(out + at, size - at, "%s '%.60s'", i ? "," : "", p->names[i]);
    if (at < size && p->n_subjects > listed)
        at += (size_t)snprintf(out + at, size - at, " and %d more", p->n_subjects - listed);
    if (at < size)
        snprintf(out + at, size - at, ")");
}

enum detcl_status dcl_onnx_report(struct dcl_onnx_model *m)
{
    const struct dcl_onnx_problems *p = &m->problems;
    char text[DETCL_ERROR_TEXT - 512], one[1024]; /* leaves room for the file's name */
    size_t at = 0;
    int listed = 0;
    for (; listed < p->n; listed++) {
        describe(&p->list[listed], one, sizeof one);
        const size_t n = strlen(one);
        if (at + n + 2 >= sizeof text)
            break;
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%s", listed ? "; " : "", one);
    }
    const int more = p->n - listed + p->unlisted;
    if (more)
        return DCL_ONNX_FAIL(m, DETCL_ERROR_UNSUPPORTED, "%s; and %d more problems", text, more);
    return listed ? DCL_ONNX_FAIL(m, DETCL_ERROR_UNSUPPORTED, "%s", text) : DETCL_OK;
}
