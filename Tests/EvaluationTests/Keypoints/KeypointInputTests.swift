import Evaluation
import Geometry
import Keypoints
import Testing

/// What is refused, and names.
@Suite struct KeypointInputTests {
  private static func message(_ samples: [JudgedKeypoints], _ reference: KeypointReference = .torso)
    -> String
  {
    do {
      _ = try KeypointErrors(samples, reference: reference)
      return ""
    } catch { return "\(error)" }
  }

  @Test func aPersonHasEveryKeypointOnce() throws {
    let layout = try smallBody()
    let good = person("a", layout: layout, errors: [0, 0, 0, 0])
    #expect(Self.message([good]) == "")
    var bad = good
    bad.found.removeLast()
    #expect(
      Self.message([good, bad]).hasPrefix("'a': 3 keypoints were found, but the layout has 4"))
    bad = good
    bad.found[1].index = 0
    #expect(Self.message([bad]).hasPrefix("'a': keypoint 'left shoulder' is there twice"))
    bad.found[1].index = 4
    #expect(Self.message([bad]).hasPrefix("'a': there is no keypoint 4, the layout has 4"))
    bad = good
    bad.truth.points[2].index = 3
    #expect(Self.message([bad]).hasPrefix("'a': keypoint 'right hip' is there twice"))
    #expect(Self.message([]) == "there are no keypoints to judge; choose a split that has some")
    bad = good
    bad.truth.layout = try KeypointLayout(names: ["a", "b", "c", "d"])
    #expect(Self.message([good, bad]).contains("called otherwise"))
  }

  @Test func numbersAreFinite() throws {
    let good = person("a", layout: try smallBody(), errors: [0, 0, 0, 0])
    var bad = good
    bad.found[2].position.x = .nan
    #expect(Self.message([bad]).hasPrefix("image 'a': a found keypoint is not a finite number"))
    bad = good
    bad.found[2].score = .infinity
    #expect(Self.message([bad]).hasPrefix("image 'a': a found keypoint is not a finite number"))
    bad = good
    bad.truth.points[0].position.y = -.infinity
    #expect(Self.message([bad]).hasPrefix("image 'a': an annotated keypoint is not"))
    bad = good
    bad.scale = 0
    #expect(Self.message([bad]).contains("scale"))
  }

  @Test func aTorsoNeedsItsEnds() throws {
    let layout = try KeypointLayout(names: ["nose", "tail"])
    let sample = JudgedKeypoints(
      id: "a", truth: KeypointTruth(layout: layout, points: []),
      found: [0, 1].map { FoundKeypoint(index: $0, position: Point(0, 0), score: 1) })
    #expect(
      Self.message([sample])
        == "no distance can be divided by the reference 'torso (left shoulder to right hip)': the"
        + " keypoints are called nose, tail; choose another reference")
    #expect(Self.message([sample], .between("nose", "nose")).contains("nose to nose"))
    #expect(Self.message([sample], .between("nose", "tail")) == "")
    for names in [
      ["lsho", "rhip"], ["Left_Shoulder", "Right Hip"], ["shoulder_L", "hip_R"],
    ] {
      let other = try KeypointLayout(names: names)
      var named = sample
      named.truth.layout = other
      #expect(Self.message([named]) == "", "\(names)")
    }
  }

  @Test func referencesAreSpelled() {
    #expect(KeypointReference("torso") == .torso && KeypointReference("head") == .head)
    #expect(KeypointReference("box") == .boxSide)
    #expect(KeypointReference("box-diagonal") == .boxDiagonal)
    #expect(KeypointReference("image-diagonal") == .imageDiagonal)
    #expect(KeypointReference("12.5") == .pixels(12.5))
    #expect(KeypointReference("eye l:eye r") == .between("eye l", "eye r"))
    for text in ["", "-3", "0", "nan", "inf", "neck", "a:", ":b", "a:b:c"] {
      #expect(KeypointReference(text) == nil, "\(text)")
    }
  }

  @Test func pairsAreCalledByWhatTheyShare() throws {
    func groups(_ names: [String]) throws -> [String] {
      try KeypointLayout(names: names, pairs: [(0, 1)]).groups.map(\.name)
    }
    #expect(try groups(["left ankle", "right ankle", "neck"]) == ["ankle", "neck"])
    #expect(try groups(["rank", "lank"]) == ["ank"])
    #expect(try groups(["ear_l", "ear_r"]) == ["ear"])
    #expect(try groups(["Right_Eye", "Left_Eye"]) == ["Eye"])
    #expect(try groups(["paw", "claw"]) == ["paw + claw"])
  }
}
