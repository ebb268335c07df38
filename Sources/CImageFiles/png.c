#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "CImageFiles.h"

typedef struct {
  const uint8_t *bytes;
  size_t left;
  char *message;
} png_source;

static void fail(png_structp png, png_const_charp text) {
  png_source *source = png_get_error_ptr(png);
  strncpy(source->message, text, CIMAGEFILES_MESSAGE - 1);
  longjmp(png_jmpbuf(png), 1);
}

// Warnings are about what surrounds the pixels, such as a colour profile.
static void ignore(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void take(png_structp png, png_bytep target, size_t count) {
  png_source *source = png_get_io_ptr(png);
  if (count > source->left) png_error(png, "the file ends too early");
  memcpy(target, source->bytes, count);
  source->bytes += count;
  source->left -= count;
}

int cimagefiles_png(const uint8_t *bytes, size_t count, uint32_t width, uint32_t height,
                    uint8_t *pixels, char message[CIMAGEFILES_MESSAGE]) {
  png_source source = {bytes, count, message};
  memset(message, 0, CIMAGEFILES_MESSAGE);
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, fail, ignore);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  png_bytepp rows = malloc(height * sizeof *rows);
  if (!info || !rows || setjmp(png_jmpbuf(png))) {
    if (!message[0]) strncpy(message, "no memory for the decoder", CIMAGEFILES_MESSAGE - 1);
    png_destroy_read_struct(&png, &info, NULL);
    free(rows);
    return 1;
  }
  png_set_read_fn(png, &source, take);
  png_set_user_limits(png, width, height);
  png_read_info(png, info);
  if (png_get_image_width(png, info) != width || png_get_image_height(png, info) != height) {
    png_error(png, "the size is not that of the header");
  }
  png_set_strip_16(png);
  png_set_expand(png);
  png_set_strip_alpha(png);
  png_set_gray_to_rgb(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  if (png_get_rowbytes(png, info) != (size_t)3 * width) png_error(png, "rows of another length");
  for (uint32_t y = 0; y < height; y++) rows[y] = pixels + (size_t)3 * width * y;
  png_read_image(png, rows);
  png_read_end(png, NULL);
  png_destroy_read_struct(&png, &info, NULL);
  free(rows);
  return 0;
}
