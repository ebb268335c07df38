import CTurboJPEG

/// Decodes a JPEG with TurboJPEG; orientation is left to the caller.
struct JPEGDecoder {
  private let bytes: [UInt8]
  private let file: String

  init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  /// Size, orientation and colours; the pixels are not looked at.
  func header() throws -> ImageHeader {
    try mending { decoder in
      try decoder.withHandle { handle in
        let (width, height, colorspace) = try decoder.readHeader(handle)
        let orientation = EXIFOrientation.find(in: decoder.bytes)
        let swapped = orientation >= 5
        return ImageHeader(
          format: .jpeg, width: swapped ? height : width, height: swapped ? width : height,
          orientation: orientation,
          channels: colorspace == TJCS_GRAY.rawValue ? 1 : isCMYK(colorspace) ? 4 : 3)
      }
    }.result
  }

  /// The picture, and what the decoder warned of though all pixels are there.
  func decode() throws -> (image: Image, note: String?) {
    let (decoded, warning) = try mending { try $0.decodeStrictly() }
    return (decoded.image, warning ?? decoded.note)
  }

  /// Calls `body` with this decoder and, if that warns, with one of mended bytes.
  private func mending<Result>(
    _ body: (JPEGDecoder) throws -> Result
  ) throws -> (result: Result, warning: String?) {
    do {
      return (try body(self), nil)
    } catch let warning as Warning {
      let serious = ImageError.corrupt(file: file, format: "JPEG", reason: warning.text)
      guard let mended = JPEGMending.mended(bytes) else { throw serious }
      do {
        return (try body(JPEGDecoder(mended, file: file)), warning.text)
      } catch is Warning {
        throw serious
      }
    }
  }

  /// The picture if nothing is missing.
  ///
  /// - Throws: ``Warning`` where pixels may be missing.
  private func decodeStrictly() throws -> (image: Image, note: String?) {
    try withHandle { handle in
      let (width, height, colorspace) = try readHeader(handle)
      let cmyk = isCMYK(colorspace)
      let channels = cmyk ? 4 : 3
      let format = cmyk ? TJPF_CMYK.rawValue : TJPF_RGB.rawValue
      var note: String?
      var problem: (any Error)?
      var pixels = [UInt8](unsafeUninitializedCapacity: channels * width * height) {
        target, count in
        let status = tjDecompress2(
          handle, bytes, UInt(bytes.count), target.baseAddress, Int32(width),
          Int32(width * channels), Int32(height), Int32(format), TJFLAG_LIMITSCANS)
        if status != 0 {
          let failure = failure(handle)
          // All rows are done when the decoder finds more bytes than it needs before the end.
          if let warning = failure as? Warning, warning.text.hasSuffix("before marker 0xd9") {
            note = warning.text
          } else {
            problem = failure
          }
        }
        count = problem == nil ? channels * width * height : 0
      }
      if let problem { throw problem }
      if cmyk { pixels = convertCMYK(pixels, inverted: hasAdobeMarker) }
      return (Image(width: width, height: height, pixels: pixels), note)
    }
  }

  /// What the decoder warned of: the picture may lack a part.
  private struct Warning: Error {
    let text: String
  }

  private func withHandle<Result>(_ body: (tjhandle) throws -> Result) throws -> Result {
    guard let handle = tjInitDecompress() else {
      throw ImageError.unreadable(file: file, reason: "the JPEG decoder does not start")
    }
    defer { tjDestroy(handle) }
    return try body(handle)
  }

  private func readHeader(_ handle: tjhandle) throws -> (Int, Int, colorspace: UInt32) {
    var width: Int32 = 0
    var height: Int32 = 0
    var subsampling: Int32 = 0
    var colorspace: Int32 = 0
    let status = tjDecompressHeader3(
      handle, bytes, UInt(bytes.count), &width, &height, &subsampling, &colorspace)
    guard status == 0, width > 0, height > 0 else { throw failure(handle) }
    return (Int(width), Int(height), UInt32(bitPattern: colorspace))
  }

  private func failure(_ handle: tjhandle) -> any Error {
    let reason = tjGetErrorStr2(handle).map { String(cString: $0) } ?? "unknown"
    if tjGetErrorCode(handle) == TJERR_WARNING.rawValue { return Warning(text: reason) }
    return ImageError.corrupt(file: file, format: "JPEG", reason: reason)
  }

  private func isCMYK(_ colorspace: UInt32) -> Bool {
    colorspace == TJCS_CMYK.rawValue || colorspace == TJCS_YCCK.rawValue
  }

  /// Programs that write Adobe's APP14 segment store CMYK inverted: 255 is no ink.
  private var hasAdobeMarker: Bool {
    JPEGSegments(bytes).contains {
      $0.marker == 0xEE && bytes[$0.body].starts(with: Array("Adobe".utf8))
    }
  }

  /// Red = (1 − cyan)(1 − black), likewise green with magenta and blue with yellow; rounded.
  private func convertCMYK(_ source: [UInt8], inverted: Bool) -> [UInt8] {
    let flip: UInt8 = inverted ? 0 : 255
    var result = [UInt8](repeating: 0, count: source.count / 4 * 3)
    for i in 0..<source.count / 4 {
      let light = Int(source[4 * i + 3] ^ flip)
      for c in 0..<3 {
        result[3 * i + c] = UInt8((Int(source[4 * i + c] ^ flip) * light + 127) / 255)
      }
    }
    return result
  }
}

/// Encodes pictures as JPEG with TurboJPEG.
package enum JPEGEncoder {
  // quality: 1...100.
  package static func encode(_ image: Image, quality: Int, file: String) throws -> [UInt8] {
    guard image.width <= 65535, image.height <= 65535 else {
      throw ImageError.unwritable(file: file, reason: "a JPEG has at most 65535 rows and columns")
    }
    guard let handle = tjInitCompress() else {
      throw ImageError.unwritable(file: file, reason: "the JPEG encoder does not start")
    }
    defer { tjDestroy(handle) }
    var buffer: UnsafeMutablePointer<UInt8>?
    var size: UInt = 0
    let status = tjCompress2(
      handle, image.pixels, Int32(image.width), Int32(3 * image.width), Int32(image.height),
      TJPF_RGB.rawValue, &buffer, &size,
      Int32((quality >= 90 ? TJSAMP_444 : TJSAMP_420).rawValue), Int32(min(100, max(1, quality))),
      0)
    defer { tjFree(buffer) }
    guard status == 0, let buffer else {
      let reason = tjGetErrorStr2(handle).map { String(cString: $0) } ?? "unknown"
      throw ImageError.unwritable(file: file, reason: reason)
    }
    return [UInt8](UnsafeBufferPointer(start: buffer, count: Int(size)))
  }
}
