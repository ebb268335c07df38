import Foundation
import Images
import TestSupport
import Testing

/// Files of many formats against the pixels that OpenCV and Pillow read.
@Suite struct FormatTests {
  private func file(_ name: String) -> URL {
    packageRoot.appending(path: "Tests/Golden/formats/\(name)")
  }

  @Test func pixelsAreThoseOfOtherReaders() throws {
    let cases = try goldenCases("formats")
    #expect(cases.count > 30)
    for golden in cases {
      let pixels = try #require(golden.arrays["pixels"])
      let image = try Image.read(file(golden.name))
      #expect([image.height, image.width, 3] == pixels.shape, "\(golden.name)")
      let differences = zip(image.pixels, pixels.values).map { abs(Float($0) - $1) }
      #expect(differences.max() == 0, "\(golden.name)")
      let header = try Image.readHeader(file(golden.name))
      #expect(header.width == image.width && header.height == image.height, "\(golden.name)")
    }
  }

  @Test(arguments: ["rgb.bmp", "plain.tif", "lzw.tif", "lossless.webp", "lossy.webp", "rgb16.png"])
  func refusesHalfFiles(name: String) throws {
    let bytes = [UInt8](try Data(contentsOf: file(name)))
    for share in [1, 10, 30, 60, 90] {
      // A plain TIFF has its directory behind the pixels or in front of them.
      let part = Array(bytes.prefix(max(5, bytes.count * share / 100)))
      let text = try #require(message { _ = try Image.decode(part, file: name) })
      #expect(text.hasPrefix("\(name): "), "\(share) %: \(text)")
    }
  }

  @Test func namesWhatItDoesNotRead() throws {
    var bytes = [UInt8](try Data(contentsOf: file("palette.bmp")))
    bytes[30] = 1
    #expect(
      message { _ = try Image.decode(bytes, file: "x.bmp") }
        == "x.bmp: a run-length coded BMP of 8 bits a pixel cannot be read; convert it")
    bytes[30] = 0
    bytes[28] = 16
    #expect(
      message { _ = try Image.decode(bytes, file: "x.bmp") }
        == "x.bmp: a BMP of 16 bits a pixel cannot be read; convert it")
  }

  /// A palette shorter than its indices must not be read behind its end.
  @Test func refusesColoursThatAreNotInThePalette() throws {
    var bytes = [UInt8](try Data(contentsOf: file("palette.bmp")))
    bytes[46] = 2
    bytes[47] = 0
    let text = message { _ = try Image.decode(bytes, file: "x.bmp") }
    #expect(text?.contains("is not in the palette") == true, "\(text ?? "read")")
  }

  @Test func aMixedFolderIsListedInFull() throws {
    try withTemporaryFolder { folder in
      let names = ["a.jpg", "b.BMP", "c.webp", "d.tif", "e.jfif", "f.gif", "g.TIFF", "h.heic"]
      for name in names + ["notes.txt"] { try folder.write(name, "x") }
      #expect(try ImageFile.list([folder.path]).map(\.name) == names)
    }
  }
}
