import Datasets
import Experiments
import Foundation
import Images
import TestSupport
import Testing
import Training

@Suite struct ImageWalkTests {
  @Test func unreadableImagesAreNamedAndTheOthersDone() throws {
    try withTemporaryFolder { folder in
      try folder.writePicture("1.jpg")
      try folder.write("2.jpg", "no image")
      try folder.writePicture("3.png", width: 9, height: 7)
      var heard = ""
      // Quiet or not: an image that was left out must not be missed.
      let console = Console(
        ProgressOutput(write: { heard += $0 }, width: { nil }), isQuiet: true)
      var seen: [String] = []
      let outcome = try ImageWalk(ImageFile.list([folder.path]), console).forEach(counts: true) {
        seen.append("\($0) \($1.name) \($2.width)x\($2.height)")
      }
      #expect(seen == ["0 1.jpg 20x16", "2 3.png 9x7"])
      #expect(
        heard.hasPrefix("Error: ") && heard.contains("2.jpg: neither JPEG, PNG, BMP, TIFF nor WebP")
      )
      #expect(heard.count { $0 == "\n" } == 1)
      #expect(outcome == .init(read: 2, total: 3))
      #expect(outcome.complaint == "1 of 3 images could not be read")
      #expect((outcome + .init(read: 4, total: 5)).complaint == "2 of 8 images could not be read")
      #expect(ImageWalk.Outcome(read: 3, total: 3).complaint == nil)
    }
  }

  @Test func aQuietConsoleSaysWhatMustNotBeMissed() {
    var heard = ""
    let output = ProgressOutput(write: { heard += $0 }, width: { 80 })
    let problem = DataProblem(file: "a.xml", kind: .missingImage, text: "no image 'a'")
    for isQuiet in [false, true] {
      heard = ""
      let console = Console(output, isQuiet: isQuiet)
      console.mention("mentioned")
      console.say("said")
      console.say(leftOut: [])
      console.say(leftOut: [problem])
      let first = isQuiet ? "" : "mentioned\n"
      #expect(
        heard.hasPrefix(
          first + "said\nleft out 1 of the data (detector check lists every place):\n  "))
    }
  }
}
