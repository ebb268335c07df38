import Foundation
import Testing

/// Films are read and written by ffmpeg.
@Suite struct FilmTests {
  private static let ffmpeg = URL(filePath: "/usr/bin/ffmpeg")
  private static let hasProgram = FileManager.default.isExecutableFile(atPath: ffmpeg.path)

  @Test(.enabled(if: hasProgram, "ffmpeg is not installed"))
  func filmsAreSearchedPictureByPicture() throws {
    try Fixture.use { detector in
      let made = try RunningProgram(
        Self.ffmpeg,
        [
          "-nostdin", "-loglevel", "error", "-framerate", "5", "-i", "data/JPEGImages/%06d.jpg",
          "-pix_fmt", "yuv420p", "clip.mp4",
        ], in: detector.folder
      ).wait()
      try #require(made.status == 0, "\(made.errors)")
      let outcome = try detector(
        "detect", "clip.mp4", "--run", "run", "--confidence", "0.05", "--every", "4", "--out",
        "out",
        "--json", "found.json", "--frames", "frames")
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.errors.contains("clip.mp4: 64x64, 5 pictures a second, 20 of them"))
      #expect(outcome.errors.contains("5 pictures, "))
      let table = String(decoding: try detector.bytes("out/clip.csv"), as: UTF8.self)
      let rows = table.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
      #expect(rows.map { $0[0] } == ["picture", "0", "4", "8", "12", "16"])
      #expect(rows.dropFirst().map { $0[1] } == ["0.000", "0.800", "1.600", "2.400", "3.200"])
      let images = try #require(try detector.json("found.json")["images"] as? [[String: Any]])
      let names = (0..<5).map { String(format: "clip-%06d.jpg", 4 * $0) }
      #expect(images.compactMap { $0["file"] as? String } == names)
      #expect(
        images.map { "\(($0["detections"] as? [Any])?.count ?? -1)" }
          == rows.dropFirst().map { $0[2] })
      let frames = try FileManager.default.contentsOfDirectory(
        atPath: detector.folder.appending(path: "frames").path)
      #expect(frames.sorted() == names)
      #expect(try detector.bytes("out/clip.png").count > 1000)
      // The film that was written is one again, slower by four.
      let again = try detector("detect", "out/clip.mp4", "--run", "run")
      #expect(again.errors.contains("out/clip.mp4: 64x64, 1.25 pictures a second, 5 of them"))
    }
  }

  @Test func whatMeansNothingForFilmsIsRefused() throws {
    try Fixture.use { detector in
      for (arguments, message) in [
        (["a.mp4", "b.mp4"], "give one film alone"),
        (["a.mp4", "--every", "0"], "--every must be at least 1"),
        (["data/JPEGImages", "--frames", "f"], "--every and --frames are for films"),
        (["a.mp4", "--yolo-out", "f"], "labels are written of images"),
      ] {
        let outcome = try detector.run(["detect", "--run", "run"] + arguments)
        #expect(outcome.status == 64 && outcome.errors.contains(message), "\(outcome.errors)")
      }
    }
  }
}
