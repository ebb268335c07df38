#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

#include "CImageFiles.h"

typedef struct {
  const uint8_t *bytes;
  size_t count;
  uint64_t position;
  char *message;
} tiff_source;

static tmsize_t take(thandle_t handle, void *target, tmsize_t count) {
  tiff_source *source = (tiff_source *)handle;
  if (count < 0 || source->position >= source->count) return 0;
  size_t left = source->count - source->position;
  size_t taken = (size_t)count < left ? (size_t)count : left;
  memcpy(target, source->bytes + source->position, taken);
  source->position += taken;
  return (tmsize_t)taken;
}

static tmsize_t refuse(thandle_t handle, void *bytes, tmsize_t count) {
  (void)handle;
  (void)bytes;
  (void)count;
  return 0;
}

static toff_t seek(thandle_t handle, toff_t offset, int whence) {
  tiff_source *source = (tiff_source *)handle;
  if (whence == SEEK_CUR) offset += source->position;
  if (whence == SEEK_END) offset += source->count;
  return source->position = offset;
}

static int close_source(thandle_t handle) {
  (void)handle;
  return 0;
}

static toff_t size(thandle_t handle) { return ((tiff_source *)handle)->count; }

static int fail(TIFF *tiff, void *user, const char *module, const char *format, va_list values) {
  (void)tiff;
  (void)module;
  tiff_source *source = user;
  // The first message is the cause of those that follow.
  if (!source->message[0]) vsnprintf(source->message, CIMAGEFILES_MESSAGE, format, values);
  return 1;
}

static int ignore(TIFF *tiff, void *user, const char *module, const char *format, va_list values) {
  (void)tiff;
  (void)user;
  (void)module;
  (void)format;
  (void)values;
  return 1;
}

static TIFF *open_source(tiff_source *source) {
  memset(source->message, 0, CIMAGEFILES_MESSAGE);
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (!options) return NULL;
  TIFFOpenOptionsSetErrorHandlerExtR(options, fail, source);
  TIFFOpenOptionsSetWarningHandlerExtR(options, ignore, NULL);
  TIFF *tiff = TIFFClientOpenExt("picture", "rm", (thandle_t)source, take, refuse, seek,
                                 close_source, size, NULL, NULL, options);
  TIFFOpenOptionsFree(options);
  return tiff;
}

static int finish(TIFF *tiff, tiff_source *source, int isDone) {
  if (tiff) TIFFClose(tiff);
  if (!isDone && !source->message[0]) {
    snprintf(source->message, CIMAGEFILES_MESSAGE, "the file is damaged");
  }
  return isDone ? 0 : 1;
}

typedef struct {
  uint32_t width, height;
  uint16_t bits, samples, planes, photometric, format;
} tiff_layout;

static tiff_layout layout_of(TIFF *tiff) {
  tiff_layout layout = {0};
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &layout.width);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &layout.height);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &layout.bits);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &layout.samples);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &layout.planes);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &layout.format);
  if (!TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &layout.photometric)) {
    layout.photometric = PHOTOMETRIC_MINISBLACK;
  }
  return layout;
}

int cimagefiles_tiff_info(const uint8_t *bytes, size_t count, cimagefiles_tiff_header *header,
                          char message[CIMAGEFILES_MESSAGE]) {
  tiff_source source = {bytes, count, 0, message};
  TIFF *tiff = open_source(&source);
  if (!tiff) return finish(NULL, &source, 0);
  tiff_layout layout = layout_of(tiff);
  uint16_t orientation = ORIENTATION_TOPLEFT;
  TIFFGetField(tiff, TIFFTAG_ORIENTATION, &orientation);
  header->width = layout.width;
  header->height = layout.height;
  header->orientation = orientation >= 1 && orientation <= 8 ? orientation : 1;
  header->channels = layout.photometric <= PHOTOMETRIC_MINISBLACK     ? 1
                     : layout.photometric == PHOTOMETRIC_SEPARATED ? 4
                                                                   : 3;
  return finish(tiff, &source, 1);
}

// Rows of whole bytes, grey or red, green and blue, perhaps with alpha: taken as they are. The
// library's own conversion would multiply by alpha and round 16 bits.
static int read_rows(TIFF *tiff, const tiff_layout *layout, uint8_t *pixels) {
  tmsize_t length = TIFFScanlineSize(tiff);
  size_t bytes = layout->bits / 8;
  if (length < (tmsize_t)(layout->width * layout->samples * bytes)) return 0;
  uint8_t *row = malloc((size_t)length);
  if (!row) return 0;
  int isColor = layout->photometric == PHOTOMETRIC_RGB;
  uint8_t flip = layout->photometric == PHOTOMETRIC_MINISWHITE ? 255 : 0;
  int isDone = 1;
  for (uint32_t y = 0; y < layout->height && isDone; y++) {
    isDone = TIFFReadScanline(tiff, row, y, 0) == 1;
    for (uint32_t x = 0; x < layout->width && isDone; x++) {
      for (int c = 0; c < 3; c++) {
        size_t sample = (size_t)x * layout->samples + (isColor ? c : 0);
        // 16 bits come in this machine's order.
        uint8_t value = bytes == 1 ? row[sample] : (uint8_t)(((uint16_t *)row)[sample] >> 8);
        *pixels++ = value ^ flip;
      }
    }
  }
  free(row);
  return isDone;
}

static int read_raster(TIFF *tiff, const tiff_layout *layout, uint8_t *pixels) {
  size_t count = (size_t)layout->width * layout->height;
  uint32_t *raster = _TIFFmalloc((tmsize_t)(count * sizeof *raster));
  uint16_t orientation = ORIENTATION_TOPLEFT;
  TIFFGetField(tiff, TIFFTAG_ORIENTATION, &orientation);
  int isDone = raster && TIFFReadRGBAImageOriented(tiff, layout->width, layout->height, raster,
                                                   orientation, 1);
  for (size_t i = 0; i < count && isDone; i++) {
    pixels[3 * i] = TIFFGetR(raster[i]);
    pixels[3 * i + 1] = TIFFGetG(raster[i]);
    pixels[3 * i + 2] = TIFFGetB(raster[i]);
  }
  _TIFFfree(raster);
  return isDone;
}

int cimagefiles_tiff(const uint8_t *bytes, size_t count, uint32_t width, uint32_t height,
                     uint8_t *pixels, char message[CIMAGEFILES_MESSAGE]) {
  tiff_source source = {bytes, count, 0, message};
  TIFF *tiff = open_source(&source);
  if (!tiff) return finish(NULL, &source, 0);
  tiff_layout layout = layout_of(tiff);
  if (layout.width != width || layout.height != height) return finish(tiff, &source, 0);
  int isPlain = !TIFFIsTiled(tiff) && layout.planes == PLANARCONFIG_CONTIG &&
                (layout.bits == 8 || layout.bits == 16) && layout.format == SAMPLEFORMAT_UINT &&
                (layout.photometric <= PHOTOMETRIC_MINISBLACK ||
                 (layout.photometric == PHOTOMETRIC_RGB && layout.samples >= 3));
  int isDone = isPlain ? read_rows(tiff, &layout, pixels) : read_raster(tiff, &layout, pixels);
  return finish(tiff, &source, isDone && !message[0]);
}
