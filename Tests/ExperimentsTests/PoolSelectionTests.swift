import Evaluation
import Experiments
import Files
import Foundation
import TestSupport
import Testing

@Suite struct PoolSelectionTests {
  private func selection(
    _ world: SmallWorld, _ measure: ImageScore.Measure = .entropy, budget: Int = 4,
    balance: ImageSelection.Balance = .none, copies: Int? = 8, isBayesian: Bool = false
  ) -> PoolSelection {
    var selection = PoolSelection(
      model: world.model(isBayesian: isBayesian), score: ImageScore(measure),
      selection: ImageSelection(budget: budget, balance: balance, duplicateDistance: copies))
    selection.confidence = 0
    selection.classConfidence = 0
    return selection
  }

  private func run(
    _ selection: PoolSelection, _ world: SmallWorld, labelled: [String] = [], to name: String = "o",
    isQuiet: Bool = true
  ) throws -> (result: SelectionResult, outcome: ImageWalk.Outcome) {
    try selection.run(
      on: [world.path("data/JPEGImages")], labelled: labelled, folder: world.path(name),
      backend: world.backend, world.console(isQuiet: isQuiet))
  }

  @Test func choosesByUncertaintyAndLeavesOutCopies() throws {
    try SmallWorld.use { world in
      try FileManager.default.copyItem(
        atPath: world.path("data/JPEGImages/000001.jpg"),
        toPath: world.path("data/JPEGImages/copy.jpg"))
      let (result, outcome) = try run(
        selection(world, .bald, budget: 21, copies: 0, isBayesian: true), world)
      #expect(outcome == .init(read: 21, total: 21))
      let chosen = result.selected
      #expect(chosen.map(\.rank) == (1...20).map { $0 })
      #expect(chosen.map(\.score) == chosen.map(\.score).sorted(by: >))
      #expect(chosen.allSatisfy { $0.score > 0 && $0.score <= 1 })
      let copy = try #require(result.images.first { $0.duplicateOf != nil })
      #expect(copy.hashDistance == 0 && copy.rank == nil)
      #expect(
        Set([copy.path, copy.duplicateOf]) == [
          world.path("data/JPEGImages/000001.jpg"), world.path("data/JPEGImages/copy.jpg"),
        ])
      #expect(
        chosen.allSatisfy { !$0.classes.isEmpty && $0.classes.values.reduce(0, +) == $0.detections }
      )
      #expect(result.text.hasSuffix("chosen 20 of 21 images; 1 copies of them left out\n"))
      #expect(try world.text("o/selected.txt") == chosen.map { $0.path + "\n" }.joined())
      #expect((try world.json("o/selected.json")["images"] as? [Any])?.count == 21)
      #expect(world.exists("o/contact-sheet.png"))

      var kept = selection(world, .bald, budget: 30, copies: nil, isBayesian: true)
      kept.classConfidence = 1
      let all = try run(kept, world, to: "kept").result
      #expect(all.selected.count == 21 && all.settings.hashDistance == nil)
      // Nothing is that confident: no class counts, the scores stay.
      #expect(all.images.allSatisfy { $0.classes.isEmpty && $0.duplicateOf == nil })
      #expect(all.images.map(\.score).max() == chosen[0].score)
    }
  }

  @Test(
    arguments: [ImageScore.Measure.entropy, .leastConfident],
    [ImageSelection.Balance.none, .penalty, .roundRobin])
  func plainNetworksHaveOtherScores(
    _ measure: ImageScore.Measure, _ balance: ImageSelection.Balance
  ) throws {
    try SmallWorld.use { world in
      let result = try run(selection(world, measure, balance: balance), world).result
      #expect(result.selected.count == 4 && result.images.count == 20)
      #expect(result.settings.score == measure && result.settings.balance == balance)
      #expect(world.heard.text == "")
      if balance == .none {
        #expect(
          result.images.filter { $0.rank == nil }.allSatisfy {
            $0.score <= result.selected[3].score || $0.duplicateOf != nil
          })
      }
    }
  }

  @Test func baldNeedsABayesianNetwork() throws {
    try SmallWorld.use { world in
      let error = #expect(throws: FileError.self) { try run(selection(world, .bald), world) }
      #expect(
        error?.description.hasSuffix(
          "net.cfg: no [yolo] section has uncertainty=, so the model cannot say how certain it is; "
            + "--relative-variance makes the heads of a weights file Bayesian; or choose by --score "
            + "entropy") == true)
      #expect(!world.exists("o/selected.txt"))
    }
  }

  @Test func copiesOfLabelledImagesAreLeftOut() throws {
    try SmallWorld.use { world in
      try FileManager.default.createDirectory(
        atPath: world.path("old"), withIntermediateDirectories: false)
      for name in ["000002", "000005"] {
        try FileManager.default.copyItem(
          atPath: world.path("data/JPEGImages/\(name).jpg"),
          toPath: world.path("old/known-\(name).jpg"))
      }
      try world.folder.write("old/bad.jpg", "no image")
      let (result, outcome) = try run(
        selection(world, budget: 30, copies: 0), world, labelled: [world.path("old")],
        isQuiet: false)
      #expect(result.selected.count == 18 && result.settings.labelled == 2)
      #expect(result.text.hasSuffix("0 copies of them left out, 2 of 2 labelled ones\n"))
      let left = result.images.filter { $0.rank == nil }
      #expect(
        Set(left.map(\.labelledAs)) == [
          world.path("old/known-000002.jpg"), world.path("old/known-000005.jpg"),
        ])
      #expect(outcome.complaint == "1 of 23 images could not be read")
      #expect(world.heard.text.contains("old/bad.jpg: neither JPEG, PNG, BMP, TIFF nor WebP"))
      #expect(world.heard.lines[0].hasPrefix("model: net.weights"))
      #expect(throws: FileError.self) {
        try run(selection(world), world, labelled: [world.path("none")])
      }
    }
  }
}
