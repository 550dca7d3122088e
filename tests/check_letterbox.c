#include "check.h"
#include "ops/frame.h"

#include <string.h>

#define CAPACITY 340

struct picture {
    uint8_t bytes[CAPACITY];
};

/* A frame of the pattern that the golden values were made from; `slack` bytes follow each row. */
static void make_frame(struct picture *p, const struct dcl_fit *fit, int width, int height,
                       int format, int slack)
{
    struct dcl_error e = {0};
    struct dcl_frame_header h;
    const int row = width * dcl_pixel_bytes(format);
    memset(p, 0xee, sizeof *p);
    if (dcl_frame_fit(fit, width, height, row + slack, format, &h, &e) != DETCL_OK)
        return; /* the header stays invalid, and the golden comparison fails */
    memcpy(p->bytes, &h, sizeof h);
    for (int i = 0; i < row * height; i++)
        p->bytes[sizeof h + (size_t)(i / row * h.stride + i % row)] =
            (uint8_t)((i * 37 + i * i % 101) % 256);
}

/* Values of torch.nn.functional.interpolate(mode="bilinear", align_corners=False), version 1.13, on
 * the same pixels; placement by the definitions in ops/frame.h, worked by hand. */
static void golden(struct dcl_check *c)
{
    static const float letterbox[] = {
        52,        52,        52,        52,        10.57812f, 39.23438f, 49.39062f, 108.8594f,
        64.29688f, 34.64062f, 70.8125f,  54.90625f, 52,        52,        52,        52,
        23.5f,     23.5f,     23.5f,     23.5f,     14.35156f, 30.55469f, 33.5625f,  12.32812f,
        33.52344f, 20.57031f, 18.42188f, 16.03125f, 23.5f,     23.5f,     23.5f,     23.5f,
        10.5f,     10.5f,     10.5f,     10.5f,     10.95703f, 14.8125f,  11.33594f, 8.8125f,
        16.69922f, 5.976562f, 5.839844f, 8.003906f, 10.5f,     10.5f,     10.5f,     10.5f};
    static const float stretch[] = {
        81.83334f, 61.43333f, 30.83335f, 131.9333f, 199.3333f, 54.5f,     103.3f,    176.5f,
        115.3f,    74.49999f, 131.3333f, 112.3333f, 83.83331f, 38.83332f, 8.833331f, 37.83333f,
        106.3f,    209,       167.2f,    139.3333f, 106.5f,    121.1f,    143,       76.99998f,
        33,        150.1667f, 110.9f,    52,        89.80001f, 115,       38.5f,     86.7f,
        159,       122.5f,    98.16666f, 211,       171.2f,    111.5f,    117.5f,    121.5f,
        145.1667f, 102.7f,    39,        87.5f,     119.8333f};
    static const float square[] = {
        0,        75,        77.625f,   7, 1.25f,  90.3125f,  92.46875f, 7,
        87.875f,  110.1406f, 79.8125f,  7, 231,    127.875f,  43.875f,   7,
        38,       116.75f,   105.125f,  7, 46.75f, 139.5625f, 124.6562f, 7,
        46.375f,  132.3906f, 117.625f,  7, 37,     97.625f,   86.375f,   7,
        78,       160.5f,    133.875f,  7, 94.25f, 151.3594f, 118.6406f, 7,
        102.875f, 153.1875f, 117.2344f, 7, 101,    165.375f,  130.125f,  7};
    static const float crop[] = {71.83334f, 137.8333f, 88,        127.5f,    71.83334f, 137.8333f,
                                 88,        127.5f,    71.83334f, 137.8333f, 88,        127.5f};
    static struct picture p;
    struct dcl_operand in[] = {DCL_DATA(DETCL_U8, p.bytes, CAPACITY)};
    struct dcl_fit fit = {.resize = DCL_RESIZE_LETTERBOX, .width = 4, .height = 4, .center = true};
    make_frame(&p, &fit, 5, 3, DCL_PIXEL_RGB, 1);
    dcl_check_golden(c, "height=4 width=4 anchor=center mean=10,20,30 scale=2,4,8", in, 1,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, letterbox, 48)}, 1, 1e-5);
    fit = (struct dcl_fit){.resize = DCL_RESIZE_STRETCH, .width = 5, .height = 3};
    make_frame(&p, &fit, 3, 4, DCL_PIXEL_RGBA, 0);
    dcl_check_golden(c, "height=3 width=5 resize=stretch channels=bgr", in, 1,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, stretch, 45)}, 1, 1e-5);
    fit = (struct dcl_fit){.resize = DCL_RESIZE_PAD_SQUARE, .width = 4, .height = 4};
    make_frame(&p, &fit, 2, 3, DCL_PIXEL_RGB, 2);
    dcl_check_golden(c, "height=4 width=4 resize=pad_square pad=7", in, 1,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, square, 48)}, 1, 1e-5);
    fit = (struct dcl_fit){.resize = DCL_RESIZE_CROP, .width = 2, .height = 2, .resize_to = 3};
    make_frame(&p, &fit, 6, 4, DCL_PIXEL_GRAY, 0);
    dcl_check_golden(c, "height=2 width=2 resize=crop resize_to=3", in, 1,
                     (struct dcl_operand[]){DCL_DATA(DETCL_F32, crop, 12)}, 1, 1e-5);
}

/* Headers that must not be trusted: the output is padding alone. */
static void hostile(struct dcl_check *c)
{
    static const int32_t fields[][2] = {
        /* field, value: width, height, stride, format; a row beyond the capacity */
        {0, -1}, {0, 0},         {0, INT32_MAX}, {1, INT32_MIN}, {1, 1 << 20},
        {2, 1},  {2, INT32_MAX}, {3, 5},         {3, -1}};
    static const float expected[] = {9, 9, 9};
    static struct picture p;
    const struct dcl_fit fit = {.resize = DCL_RESIZE_STRETCH, .width = 1, .height = 1};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        make_frame(&p, &fit, 4, 4, DCL_PIXEL_RGB, 0);
        memcpy(p.bytes + 4 * fields[i][0], &fields[i][1], 4);
        dcl_check_golden(c, "height=1 width=1 pad=9",
                         (struct dcl_operand[]){DCL_DATA(DETCL_U8, p.bytes, CAPACITY)}, 1,
                         (struct dcl_operand[]){DCL_DATA(DETCL_F32, expected, 3)}, 1, 0);
    }
    /* A scale or a pad from nowhere moves the samples but never out of the image. */
    static const uint32_t bits[][2] = {{4, 0x7fc00000}, {4, 0x7f800000}, {5, 0xff800000},
                                       {6, 0x80000000}, {7, 0x7fffffff}, {8, 0x7fffffff}};
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) {
        make_frame(&p, &fit, 4, 4, DCL_PIXEL_BGRA, 0);
        memcpy(p.bytes + 4 * bits[i][0], &bits[i][1], 4);
        DCL_CASE(c, "height=5 width=3", 1, DCL_DATA(DETCL_U8, p.bytes, CAPACITY));
    }
}

static void random_frames(struct dcl_check *c)
{
    static const char *const attrs[] = {"height=13 width=17 resize=letterbox",
                                        "height=13 width=17 resize=stretch channels=bgr",
                                        "height=13 width=17 resize=pad_square mean=1,2,3 scale=58",
                                        "height=13 width=17 resize=crop resize_to=20"};
    static struct picture p[3];
    for (int resize = 0; resize < 4; resize++)
        for (int format = 0; format < DCL_PIXEL_FORMATS; format++) {
            const struct dcl_fit fit = {
                .resize = (enum dcl_resize)resize, .width = 17, .height = 13, .resize_to = 20};
            make_frame(&p[0], &fit, 7 + format, 7, format, 1);
            make_frame(&p[1], &fit, 3, 17, format, 0);
            make_frame(&p[2], &fit, 1, 1, format, 3);
            DCL_CASE(c, attrs[resize], 1, DCL_DATA(DETCL_U8, p, 3, CAPACITY));
        }
    DCL_CASE(c, attrs[0], 1, DCL_DATA(DETCL_U8, p, 0, CAPACITY));
}

/* A row of many more pixels than outputs, and more outputs than a vector holds. */
static void wide_frame(struct dcl_check *c)
{
    static uint8_t bytes[DCL_FRAME_HEADER_BYTES + 3 * 2200 * 3];
    const struct dcl_fit fit = {.resize = DCL_RESIZE_STRETCH, .width = 300, .height = 4};
    struct dcl_error e = {0};
    struct dcl_frame_header h;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 31 % 251);
    if (dcl_frame_fit(&fit, 2200, 3, 2200 * 3, DCL_PIXEL_BGR, &h, &e) == DETCL_OK)
        memcpy(bytes, &h, sizeof h);
    DCL_CASE(c, "height=4 width=300 resize=stretch", 1,
             DCL_DATA(DETCL_U8, bytes, (int64_t)sizeof bytes));
}

void dcl_check_letterbox(struct dcl_check *c)
{
    golden(c);
    hostile(c);
    random_frames(c);
    wide_frame(c);
    const struct dcl_operand frame[] = {DCL_RANDOM(DETCL_U8, CAPACITY)};
    const struct dcl_operand tiny[] = {DCL_RANDOM(DETCL_U8, 63)};
    dcl_check_refused(c, "height=4 width=4", tiny, 1, 1, DETCL_ERROR_MODEL);
    dcl_check_refused(c, "height=0 width=4", frame, 1, 1, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "height=4 width=4 mean=1,2", frame, 1, 1, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "height=4 width=4 scale=0", frame, 1, 1, DETCL_ERROR_ARGUMENT);
    dcl_check_refused(c, "height=4 width=4 resize=crop", frame, 1, 1, DETCL_ERROR_ARGUMENT);
}
