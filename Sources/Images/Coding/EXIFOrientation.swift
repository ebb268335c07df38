/// The EXIF orientation of a JPEG: how the camera was held.
enum EXIFOrientation {
  /// The orientation tag of the first IFD of the APP1 segment; 1 if there is none or it is broken.
  static func find(in jpeg: [UInt8]) -> Int {
    for segment in JPEGSegments(jpeg) where segment.marker == 0xE1 {
      let body = jpeg[segment.body]
      guard body.starts(with: Array("Exif\0\0".utf8)) else { continue }
      return read(tiff: Array(body.dropFirst(6))) ?? 1
    }
    return 1
  }

  private static func read(tiff: [UInt8]) -> Int? {
    let littleEndian: Bool
    switch tiff.prefix(2) {
    case [0x49, 0x49]: littleEndian = true
    case [0x4D, 0x4D]: littleEndian = false
    default: return nil
    }
    func integer(at offset: Int, bytes: Int) -> Int? {
      guard offset >= 0, offset + bytes <= tiff.count else { return nil }
      var value = 0
      for i in 0..<bytes {
        value = value << 8 | Int(tiff[offset + (littleEndian ? bytes - 1 - i : i)])
      }
      return value
    }
    guard let directory = integer(at: 4, bytes: 4), let count = integer(at: directory, bytes: 2)
    else { return nil }
    for entry in 0..<count {
      let offset = directory + 2 + 12 * entry
      guard let tag = integer(at: offset, bytes: 2) else { return nil }
      guard tag == 0x0112 else { continue }
      guard let value = integer(at: offset + 8, bytes: 2), (1...8).contains(value) else {
        return nil
      }
      return value
    }
    return nil
  }
}

extension Image {
  /// The upright picture of one stored with EXIF orientation 1...8.
  func oriented(_ orientation: Int) -> Image {
    if orientation == 1 { return self }
    let swapped = orientation >= 5
    let outWidth = swapped ? height : width
    let outHeight = swapped ? width : height
    // Source position = origin + x · stepX + y · stepY, in pixels of the stored picture.
    let right = width - 1
    let down = (height - 1) * width
    let (origin, stepX, stepY) =
      switch orientation {
      case 2: (right, -1, width)
      case 3: (right + down, -1, -width)
      case 4: (down, 1, -width)
      case 5: (0, width, 1)
      case 6: (down, -width, 1)
      case 7: (right + down, -width, -1)
      default: (right, width, -1)
      }
    let result = [UInt8](unsafeUninitializedCapacity: pixels.count) { target, count in
      pixels.withUnsafeBufferPointer { source in
        var o = 0
        for y in 0..<outHeight {
          var i = 3 * (origin + y * stepY)
          for _ in 0..<outWidth {
            target[o] = source[i]
            target[o + 1] = source[i + 1]
            target[o + 2] = source[i + 2]
            o += 3
            i += 3 * stepX
          }
        }
      }
      count = pixels.count
    }
    return Image(width: outWidth, height: outHeight, pixels: result)
  }
}
