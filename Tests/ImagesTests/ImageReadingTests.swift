import Foundation
import Images
import TestSupport
import Testing

@Suite struct ImageReadingTests {
  @Test(arguments: [
    "rgb.jpg", "progressive.jpg", "grey.jpg", "cmyk-adobe.jpg", "cmyk-plain.jpg", "ycck.jpg",
    "grey.png", "rgb.png", "rgb16.png", "grey16.png", "palette.png",
  ])
  func decodesLikeAnIndependentReader(name: String) throws {
    let golden = try #require(try imageCase(name).arrays["pixels"])
    let image = try Image.read(fixture(name))
    #expect([image.height, image.width, 3] == golden.shape)
    // One step of rounding; two where four inks are converted.
    expectClose(
      image.pixels.map(Float.init), golden.values, relative: 0, absolute: name.first == "r" ? 1 : 2,
      name)
    let header = try Image.readHeader(fixture(name))
    #expect(header.width == image.width && header.height == image.height)
    #expect(header.format == (name.hasSuffix("png") ? .png : .jpeg))
  }

  @Test func countsChannels() throws {
    #expect(try Image.readHeader(fixture("grey.jpg")).channels == 1)
    #expect(try Image.readHeader(fixture("rgb.jpg")).channels == 3)
    #expect(try Image.readHeader(fixture("ycck.jpg")).channels == 4)
    #expect(try Image.readHeader(fixture("grey.png")).channels == 1)
  }

  /// `stored` is what a camera writes for the upright picture, by the definition of the tag:
  /// where row 0 and column 0 of the stored picture are.
  @Test(arguments: 1...8, [false, true])
  func appliesOrientation(orientation: Int, bigEndian: Bool) throws {
    let upright = gradient(24, 16)
    let swapped = orientation >= 5
    var stored = Image(width: swapped ? 16 : 24, height: swapped ? 24 : 16)
    for row in 0..<stored.height {
      for column in 0..<stored.width {
        let right = 23
        let bottom = 15
        let (x, y) =
          switch orientation {
          case 1: (column, row)  // row 0 top, column 0 left
          case 2: (right - column, row)  // top, right
          case 3: (right - column, bottom - row)  // bottom, right
          case 4: (column, bottom - row)  // bottom, left
          case 5: (row, column)  // left, top
          case 6: (right - row, column)  // right, top
          case 7: (right - row, bottom - column)  // right, bottom
          default: (row, bottom - column)  // left, bottom
          }
        stored[column, row] = upright[x, y]
      }
    }
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "x.jpg")
      try stored.writeJPEG(to: file, quality: 100)
      try insertEXIF(orientation, bigEndian: bigEndian, into: file)
      let image = try Image.read(file)
      #expect(image.width == 24 && image.height == 16)
      expectClose(
        image.pixels.map(Float.init), upright.pixels.map(Float.init), relative: 0, absolute: 4)
      let header = try Image.readHeader(file)
      #expect(header.width == 24 && header.height == 16 && header.orientation == orientation)
    }
  }

  @Test func ignoresBrokenEXIF() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "x.jpg")
      for orientation in [0, 9, 300] {
        try gradient(24, 16).writeJPEG(to: file)
        try insertEXIF(orientation, bigEndian: false, into: file)
        #expect(try Image.readHeader(file).orientation == 1)
      }
    }
  }

  @Test(arguments: ["jpg", "png"])
  func refusesHalfFiles(kind: String) throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "half.\(kind)")
      if kind == "jpg" { try noise(40, 30).writeJPEG(to: file) }
      if kind == "png" { try noise(40, 30).writePNG(to: file) }
      let bytes = try Foundation.Data(contentsOf: file)
      for share in [2, 3, 10, 50, 98] {
        try bytes.prefix(bytes.count * share / 100).write(to: file)
        let text = try #require(message { _ = try Image.read(file) })
        #expect(text.contains("half.\(kind)"))
        #expect(text.contains("truncated or corrupt"), "\(share) %: \(text)")
      }
    }
  }

  @Test func namesFileAndCause() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "a.jpg")
      #expect(
        message { _ = try Image.read(file) }
          == "\(file.path): cannot be read: No such file or directory")
      try Foundation.Data().write(to: file)
      #expect(
        message { _ = try Image.read(file) }
          == "\(file.path): the file is empty (0 bytes); fetch it again")
      try Foundation.Data("GIF89a".utf8).write(to: file)
      #expect(
        message { _ = try Image.read(file) }
          == "\(file.path): neither JPEG, PNG, BMP, TIFF nor WebP (starts with 0x47 0x49 0x46 0x38); convert it"
      )
      let text = try #require(message { _ = try Image.read(folder) })
      #expect(text.hasPrefix("\(folder.path): cannot be read: "), "\(text)")
    }
  }

  @Test func refusesMorePixelsThanTheLimit() throws {
    var bytes = [UInt8](try Foundation.Data(contentsOf: fixture("rgb.png")))
    bytes.replaceSubrange(16..<24, with: [0, 1, 0, 0, 0, 1, 0, 0])  // 65536 x 65536
    #expect(throws: ImageError.tooLarge(file: "x", width: 65536, height: 65536)) {
      try Image.decode(bytes, file: "x")
    }
  }

  @Test(arguments: [(1, 1), (10000, 50), (3, 2), (1, 77)])
  func writesAndReadsAnySize(width: Int, height: Int) throws {
    try withTemporaryFolder { folder in
      let image = width < 100 ? noise(width, height) : gradient(width, height)
      let png = folder.appending(path: "x.jpg")  // the name does not matter
      try image.writePNG(to: png)
      #expect(try Image.read(png.path) == image)
      let jpeg = folder.appending(path: "x.png")
      try gradient(width, height).writeJPEG(to: jpeg, quality: 100)
      let read = try Image.read(jpeg)
      #expect(read.width == width && read.height == height)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
    }
  }

  @Test func failsToWriteClearly() {
    let text = message {
      try gradient(4, 4).writePNG(to: URL(filePath: "/nonexistent/folder/x.png"))
    }
    #expect(text == "/nonexistent/folder/x.png: cannot be written: No such file or directory")
  }

  private func insertEXIF(_ orientation: Int, bigEndian: Bool, into file: URL) throws {
    func integer(_ value: Int, _ count: Int) -> [UInt8] {
      let bytes = (0..<count).map { UInt8(value >> (8 * $0) & 0xFF) }
      return bigEndian ? bytes.reversed() : bytes
    }
    var tiff: [UInt8] = Array((bigEndian ? "MM" : "II").utf8) + integer(42, 2) + integer(8, 4)
    tiff += integer(2, 2)
    tiff += integer(0x010F, 2) + integer(2, 2) + integer(4, 4) + integer(0, 4)
    tiff += integer(0x0112, 2) + integer(3, 2) + integer(1, 4) + integer(orientation, 2) + [0, 0]
    tiff += integer(0, 4)
    let body = Array("Exif\0\0".utf8) + tiff
    let segment = [0xFF, 0xE1, UInt8((body.count + 2) >> 8), UInt8((body.count + 2) & 0xFF)] + body
    var bytes = try Foundation.Data(contentsOf: file)
    bytes.insert(contentsOf: segment, at: 2)
    try bytes.write(to: file)
  }
}
