import Compute
import Datasets
import Detection
import Foundation
import Geometry
import Images
import TestSupport
import Testing

@Suite struct SynthesizerTests {
  private func small(_ change: (inout Synthesizer) -> Void = { _ in }) -> Synthesizer {
    var synthesizer = Synthesizer()
    synthesizer.imageCount = 10
    synthesizer.width = 72
    synthesizer.height = 64
    change(&synthesizer)
    return synthesizer
  }

  @Test func writesASetWithoutFlaws() throws {
    try withTemporaryFolder { folder in
      let pool = try ThreadPool(threadCount: 2)
      try small().write(to: folder, pool: pool)
      let source = DataArgument(folder)
      let check = try DatasetCheck(
        sources: [source], classNames: Synthesizer.classNames, pool: pool)
      #expect(check.problems.isEmpty, "\(check.problems)")
      #expect(check.imageCount == 10)
      let ids = try ["train", "val", "test", "trainval"].map { split in
        try SampleSet(
          voc: [source], split: split, classNames: Synthesizer.classNames
        ).samples.map(\.id)
      }
      #expect(ids.map(\.count) == [6, 2, 2, 8])
      #expect(Set(ids[0] + ids[1]) == Set(ids[3]) && Set(ids[2] + ids[3]).count == 10)
      let text = message { try small().write(to: folder, pool: pool) }
      #expect(text == "\(folder.path): is not empty; choose another folder")
    }
  }

  @Test func dependsOnSeedOnly() throws {
    func files(_ seed: UInt64, threads: Int) throws -> [String: Foundation.Data] {
      try withTemporaryFolder { folder in
        try small { $0.seed = seed }.write(to: folder, pool: ThreadPool(threadCount: threads))
        var result: [String: Foundation.Data] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
          result[path] = try? Foundation.Data(contentsOf: folder.appending(path: path))
        }
        return result
      }
    }
    let one = try files(3, threads: 1)
    #expect(one.count == 10 + 10 + 4)
    #expect(try files(3, threads: 2) == one)
    #expect(try files(4, threads: 2) != one)
  }

  @Test func levelsControlWhatIsSeen() {
    func objects(_ change: (inout Synthesizer) -> Void) -> [Synthesizer.Object] {
      (0..<12).flatMap { small(change).draw($0).objects }
    }
    func mean(_ values: [Float]) -> Float { values.reduce(0, +) / Float(values.count) }
    let clear = objects {
      $0.occlusion = 0
      $0.blur = 0
    }
    #expect(clear.allSatisfy { $0.ambiguity == 0 && $0.visibleFraction > 0.8 })
    let hidden = objects {
      $0.occlusion = 1
      $0.sweepsLevels = false
    }
    #expect(hidden.allSatisfy { $0.ambiguity == 1 })
    #expect(mean(hidden.map(\.visibleFraction)) < 0.5)
    #expect(hidden.contains { $0.isDifficult && $0.visibleFraction < 0.4 })
    let swept = objects { $0.occlusion = 0.8 }.map(\.ambiguity)
    #expect(swept.allSatisfy { (0...0.8).contains($0) })
    #expect((0.2...0.6).contains(mean(swept)))
    let classes = Set((clear + hidden).map(\.classIndex))
    #expect(classes.count == Synthesizer.classNames.count)
  }

  @Test func writesAmbiguityAndDifficulty() throws {
    try withTemporaryFolder { folder in
      try small().write(to: folder, pool: ThreadPool(threadCount: 1))
      let read = try VOCAnnotation.read(folder.appending(path: "Annotations/000003.xml"))
      let drawn = small().draw(2).objects
      #expect(read.objects.map(\.name) == drawn.map { Synthesizer.classNames[$0.classIndex] })
      #expect(read.objects.map(\.isDifficult) == drawn.map(\.isDifficult))
      expectClose(
        read.objects.map { $0.ambiguity ?? -1 }, drawn.map(\.ambiguity), absolute: 1e-4)
      for (object, other) in zip(read.objects, drawn) {
        let (xMin, yMin, xMax, yMax) = object.box.vocCorners
        #expect([xMin, yMin, xMax, yMax] == other.corners.map(Float.init))
      }
    }
  }

  @Test func refusesWrongOptions() throws {
    let pool = try ThreadPool(threadCount: 1)
    let folder = URL(filePath: "/proc/x")
    for change: (inout Synthesizer) -> Void in [
      { $0.imageCount = 4 }, { $0.width = 8 }, { $0.blur = 1.5 }, { $0.occlusion = -0.1 },
    ] {
      let text = message { try small(change).write(to: folder, pool: pool) }
      #expect(text?.hasPrefix("synthesize needs") == true)
    }
    let text = message { try small().write(to: folder, pool: pool) }
    #expect(text?.hasPrefix("/proc/x: cannot be made") == true, "\(text ?? "")")
  }

  @Test(arguments: [ResizeMode.letterbox, .stretch])
  func boxesAreScaledAsTheNetworkSeesThem(_ mode: ResizeMode) throws {
    try withTemporaryFolder { folder in
      var synthesizer = Synthesizer()
      synthesizer.imageCount = 10
      synthesizer.width = 96
      synthesizer.height = 48
      let pool = try ThreadPool(threadCount: 2)
      let root = folder.appending(path: "data")
      try synthesizer.write(to: root, pool: pool)
      let samples = try SampleSet(voc: [DataArgument(root)], split: "all").samples
      let first = samples[0]
      try Foundation.Data([1, 2, 3]).write(to: first.image.url)
      let sizes = BoxSizes(samples, inputWidth: 192, inputHeight: 192, mode: mode, pool: pool)
      // 96x48 becomes 192x96 or 192x192; the damaged image and difficult objects are left out.
      let boxes = samples.dropFirst().flatMap(\.target).filter { !$0.isDifficult }.map(\.box)
      #expect(samples.flatMap(\.target).count > boxes.count && !boxes.isEmpty)
      expectClose(sizes.sizes.map(\.width), boxes.map { 2 * $0.width })
      expectClose(
        sizes.sizes.map(\.height), boxes.map { (mode == .letterbox ? 2 : 4) * $0.height })
      #expect(sizes.problems.map(\.file) == [first.image.path])
      #expect(sizes.problems[0].kind == .unreadableImage)
    }
  }
}
