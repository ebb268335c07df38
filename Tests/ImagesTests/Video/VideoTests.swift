import Files
import Foundation
import TestSupport
import Testing

@testable import Images

@Suite struct VideoTests {
  private static let hasProgram =
    (try? VideoProgram("ffmpeg")) != nil && (try? VideoProgram("ffprobe")) != nil

  @Test func sourcesAreToldByTheirNames() {
    for place in [
      "clip.mp4", "a.b/CLIP.MKV", "rtsp://camera/1", "RTSP://camera", "/dev/video0", "udp://h:1",
    ] {
      #expect(VideoSource(place) != nil, "\(place)")
    }
    for place in ["photo.jpg", "folder", "mp4", "clip.mp4.txt", "https://example.org/a.html"] {
      #expect(VideoSource(place) == nil, "\(place)")
    }
    #expect(VideoSource("films/my clip.v2.mp4")?.stem == "my clip.v2")
    #expect(VideoSource("/dev/video0")?.stem == "video0")
    #expect(VideoSource("rtsp://camera/1")?.isFile == false)
  }

  private func description(_ json: String) throws -> VideoSource.Description {
    try VideoSource.description(of: Data(json.utf8), place: "c.mp4")
  }

  @Test func descriptionsSayHowPicturesAreSeen() throws {
    let film = try description(
      #"{"streams": [{"width": 640, "height": 360, "avg_frame_rate": "30000/1001", "#
        + #""r_frame_rate": "30/1", "nb_frames": "90"}], "format": {"duration": "3.003"}}"#)
    #expect(film == .init(width: 640, height: 360, rate: 30000.0 / 1001, count: 90))
    // Turned by a quarter, either way of saying it; the count from the duration; no mean rate.
    for turn in [#""side_data_list": [{}, {"rotation": -90}]"#, #""tags": {"rotate": "270"}"#] {
      let upright = try description(
        #"{"streams": [{"width": 640, "height": 360, "avg_frame_rate": "0/0", "#
          + #""r_frame_rate": "25/1", \#(turn)}], "format": {"duration": "2.02"}}"#)
      #expect(upright == .init(width: 360, height: 640, rate: 25, count: 51))
    }
    let camera = try description(
      #"{"streams": [{"width": 8, "height": 6, "avg_frame_rate": "10/1"}]}"#)
    #expect(camera == .init(width: 8, height: 6, rate: 10, count: nil))
  }

  @Test(arguments: [
    (#"{"streams": []}"#, "c.mp4: has no pictures that ffmpeg can read"),
    (#"{"streams": [{"width": 0, "height": 3}]}"#, "c.mp4: has no pictures that ffmpeg can read"),
    (
      #"{"streams": [{"width": 4, "height": 3, "avg_frame_rate": "0/0"}]}"#,
      "c.mp4: does not say how many pictures a second it has"
    ),
  ])
  func sourcesWithoutPicturesAreNamed(_ json: String, _ message: String) {
    let error = #expect(throws: FileError.self) { try description(json) }
    #expect(error?.description == message)
  }

  @Test(.enabled(if: hasProgram, "ffmpeg is not installed"))
  func whatIsWrittenIsReadAgain() throws {
    try withTemporaryFolder { folder in
      let path = folder.appending(path: "clip.mp4").path
      // Odd sides, which are padded; three grey levels.
      let writer = try VideoWriter(to: path, width: 33, height: 17, rate: 5)
      for level: UInt8 in [40, 120, 200] {
        try writer.add(Image(width: 33, height: 17, red: level, green: level, blue: level))
      }
      try writer.finish()
      let reader = try VideoReader(try #require(VideoSource(path)))
      #expect(reader.description == .init(width: 34, height: 18, rate: 5, count: 3))
      var levels: [Int] = []
      while let image = try reader.next() { levels.append(Int(image[16, 8].green)) }
      #expect(levels.count == 3)
      for (level, expected) in zip(levels, [40, 120, 200]) { #expect(abs(level - expected) < 8) }
    }
  }

  @Test(.enabled(if: hasProgram, "ffmpeg is not installed"))
  func whatIsNoFilmIsNamedWithFfmpegsReason() throws {
    try withTemporaryFolder { folder in
      try folder.write("clip.mp4", "no film")
      let path = folder.appending(path: "clip.mp4").path
      let error = #expect(throws: FileError.self) {
        try VideoReader(try #require(VideoSource(path)))
      }
      #expect(error?.description.hasPrefix("\(path): ffmpeg: ") == true)
      let missing = #expect(throws: FileError.self) {
        try VideoReader(try #require(VideoSource(path + ".mp4")))
      }
      #expect(missing?.description == "\(path).mp4: No such file or directory")
      let unwritable = #expect(throws: FileError.self) {
        let writer = try VideoWriter(to: path + "/below.mp4", width: 4, height: 4, rate: 1)
        try writer.add(Image(width: 4, height: 4))
        try writer.finish()
      }
      #expect(unwritable?.description.contains("ffmpeg: ") == true)
    }
  }
}
