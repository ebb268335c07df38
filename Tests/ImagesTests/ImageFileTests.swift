import Compute
import Files
import Foundation
import Geometry
import Images
import TestSupport
import Testing

@Suite struct ImageFileTests {
  private func touch(_ folder: URL, _ names: String...) throws {
    for name in names {
      let file = folder.appending(path: name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Foundation.Data().write(to: file)
    }
  }

  @Test func foldersAreSearchedInOrder() throws {
    try withTemporaryFolder { folder in
      try touch(folder, "b.JPG", "a.png", "sub/c.jpeg", "notes.txt", ".hidden.jpg", ".d/e.jpg")
      let files = try ImageFile.list([folder.path])
      #expect(files.map(\.name) == ["a.png", "b.JPG", "sub/c.jpeg"])
      #expect(files.map(\.path) == files.map { folder.path + "/" + $0.name })
      #expect(files.map(\.stem) == ["a", "b", "sub/c"])
    }
  }

  @Test func equalNamesGetNumbers() throws {
    try withTemporaryFolder { folder in
      try touch(folder, "x/a.jpg", "y/a.jpg", "y/a.png", "z/photo", "z/.rc")
      let paths = ["x/a.jpg", "y", "z/photo", "z/.rc"].map { folder.appending(path: $0).path }
      let files = try ImageFile.list(paths)
      #expect(files.map(\.name) == ["a.jpg", "a-2.jpg", "a-3.png", "photo", ".rc"])
      #expect(files.map(\.stem) == ["a", "a-2", "a-3", "photo", ".rc"])
    }
  }

  @Test func picturesKeepTheirFormat() throws {
    try withTemporaryFolder { folder in
      let image = Image(width: 4, height: 3)
      try image.writeJPEG(to: folder.appending(path: "a.png"))
      let files = try ImageFile.list([folder.appending(path: "a.png").path])
      let target = folder.appending(path: "out")
      try PictureFolder(target.path, sources: files).write(image, of: files[0])
      #expect(try Image.readHeader(target.appending(path: "a.jpg")).format == .jpeg)
      #expect(throws: FileError.self) { try PictureFolder(folder.path, sources: files) }
    }
  }
}
