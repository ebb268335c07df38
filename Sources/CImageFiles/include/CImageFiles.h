// Decoders whose libraries leave by long jumps or take variable arguments, which Swift cannot do.
#ifndef CIMAGEFILES_H
#define CIMAGEFILES_H

#include <stddef.h>
#include <stdint.h>

// Room for a library's message, its end included.
#define CIMAGEFILES_MESSAGE 256

// Decodes a PNG into `height` rows of `width` pixels of red, green and blue, as stored: no gamma, the
// high byte of 16 bits, alpha left out, grey as three equal values. Returns 0, or 1 with a message.
int cimagefiles_png(const uint8_t *bytes, size_t count, uint32_t width, uint32_t height,
                    uint8_t *pixels, char message[CIMAGEFILES_MESSAGE]);

// What the first page of a TIFF says of itself.
typedef struct {
  uint32_t width;
  uint32_t height;
  // Of the EXIF orientations, 1...8.
  uint16_t orientation;
  // 1 for grey, 4 for inks, 3 otherwise.
  uint16_t channels;
} cimagefiles_tiff_header;

// Reads the header of a TIFF in memory. Returns 0, or 1 with a message.
int cimagefiles_tiff_info(const uint8_t *bytes, size_t count, cimagefiles_tiff_header *header,
                          char message[CIMAGEFILES_MESSAGE]);

// Decodes the first page of a TIFF into red, green and blue as `cimagefiles_png` does, the rows as
// they are stored. Returns 0, or 1 with a message.
int cimagefiles_tiff(const uint8_t *bytes, size_t count, uint32_t width, uint32_t height,
                     uint8_t *pixels, char message[CIMAGEFILES_MESSAGE]);

#endif
