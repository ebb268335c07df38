import Compute
import Darknet
import Experiments
import Foundation
import TestSupport
import Testing
import Training

/// Updates are cut into parts for machines with little memory.
@Suite struct MemoryFitTests {
  private func fit(_ megabytes: Int) -> MemoryFit {
    MemoryFit(AvailableMemory(bytes: megabytes << 20)) { (100 + 50 * $0) << 20 }
  }

  /// Of 1000 MiB 600 may be planned with: 8 images need 500, of 800 MiB 480 are too few.
  @Test(arguments: [
    (1000, 8, 1), (800, 8, 2), (400, 8, 4), (1000, 12, 2), (420, 9, 3), (800, 7, 1),
  ])
  func partsFollowTheMemory(megabytes: Int, batch: Int, parts: Int) throws {
    #expect(try fit(megabytes).subdivisions(batch: batch) == parts)
  }

  @Test func oneImageMayNotFit() {
    let error = #expect(throws: UsageError.self) { try fit(200).subdivisions(batch: 8) }
    #expect(
      error?.description
        == "training with one image at a time needs about 150 MiB of memory, and of 200 MiB that are "
        + "available it may take 120 MiB; a smaller --size or another --model needs less, and "
        + "--subdivisions tries all the same")
  }

  @Test func whatWasAskedForIsWarnedOf() throws {
    #expect(try fit(600).hint(batch: 8, subdivisions: 1) == nil)
    #expect(
      try fit(400).hint(batch: 8, subdivisions: 1)
        == "training needs about 500 MiB of memory, and 400 MiB are available: --subdivisions 4 "
        + "needs less")
    #expect(
      try fit(100).hint(batch: 8, subdivisions: 8)
        == "training needs about 150 MiB of memory, and 100 MiB are available: a smaller --size "
        + "needs less")
  }

  /// What a real network needs decides, of which the plan says the number of parts.
  @Test func theRecipeCutsUpdates() throws {
    try SmallWorld.use { world in
      var plan = world.plan()
      plan.recipe = .auto
      plan.inputSize = 64
      func start(_ name: String, _ bytes: Int) throws -> TrainingOptions {
        world.heard.text = ""
        _ = try TrainingStart.new(
          plan, loss: nil, seed: 1, folder: world.path(name), opening: .new, version: "test",
          memory: AvailableMemory(bytes: bytes), backend: world.backend, world.console())
        return try RunConfiguration(contentsOf: RunFolder(path: world.path(name)).configuration)
          .options
      }
      let much = try start("much", 1 << 30)
      #expect(much.subdivisions == 1)
      #expect(!world.heard.text.contains("parts"))
      var parts = 1
      // From much to little: more parts until nothing fits.
      var bytes = 8 << 20
      while bytes > 1 << 16, let options = try? start("b\(bytes)", bytes) {
        #expect(options.batch == 8 && options.subdivisions >= parts)
        parts = options.subdivisions
        if parts > 1 { #expect(world.heard.text.contains("images in \(parts) parts, to fit into")) }
        bytes = bytes * 3 / 4
      }
      #expect(parts > 1)
      let error = #expect(throws: UsageError.self) { try start("little", 1 << 16) }
      #expect(error?.description.hasPrefix("training with one image at a time needs") == true)
      #expect(!world.exists("little"))
      plan.subdivisions = 2
      let asked = try start("asked", 1 << 16)
      #expect(asked.subdivisions == 2)
      #expect(world.heard.text.contains("images in 2 parts, about"))
      #expect(world.heard.text.contains("note: training needs about"))
    }
  }
}
