import Compute
import Datasets
import Detection
import Foundation
import Geometry
import Images
import TestSupport
import Testing

@Suite struct BatchLoaderTests {
  private struct Record: Equatable {
    let ids: [String]
    let values: [Float]
    let truths: [[GroundTruth]]

    init(_ batch: Batch<[GroundTruth]>) {
      ids = batch.sources.map(\.id)
      values = TestSupport.values(batch.input)
      truths = batch.targets
    }
  }

  private func withSamples(_ count: Int, _ body: (URL, [Sample<[GroundTruth]>]) throws -> Void)
    throws
  {
    try withTemporaryFolder { folder in
      try folder.writeVOC(count)
      let data = try SampleSet(voc: [DataArgument(folder)], split: "all")
      try body(folder, data.samples)
    }
  }

  private func loader(
    _ samples: [Sample<[GroundTruth]>], threads: Int = 1, batch: Int = 3,
    state: LoaderState = .init(), change: (inout LoaderConfiguration) -> Void = { _ in }
  ) throws -> BatchLoader<[GroundTruth]> {
    var configuration = LoaderConfiguration(batchSize: batch, augmentation: Augmentation())
    change(&configuration)
    return try BatchLoader(
      samples: samples, configuration: configuration, pool: ThreadPool(threadCount: threads),
      startingAt: state, inputSize: { ($0 % 3 == 2 ? 24 : 16, 16) })
  }

  private func records(_ loader: BatchLoader<[GroundTruth]>, _ count: Int) throws -> [Record] {
    try (0..<count).map { _ in Record(try #require(try loader.next())) }
  }

  @Test func doesNotDependOnThreadsCacheOrPrefetch() throws {
    try withSamples(7) { _, samples in
      let plain = try records(loader(samples), 8)
      #expect(try records(loader(samples, threads: 2), 8) == plain)
      #expect(try records(loader(samples, threads: 3) { $0.prefetchCount = 11 }, 8) == plain)
      #expect(try records(loader(samples) { $0.prefetchCount = 0 }, 8) == plain)
      #expect(try records(loader(samples, threads: 2) { $0.cacheBytes = 1500 }, 8) == plain)
      #expect(try records(loader(samples) { $0.seed = 2 }, 8) != plain)
      // 21 pictures: three epochs, each a permutation of its own.
      let ids = plain.flatMap(\.ids)
      for epoch in 0..<3 { #expect(Set(ids[7 * epoch..<7 * epoch + 7]).count == 7) }
      #expect(Array(ids[0..<7]) != Array(ids[7..<14]))
      #expect(plain[2].values.count == 3 * 24 * 16 * 3)
      #expect(plain[1].values.count == 3 * 16 * 16 * 3)
    }
  }

  @Test func sharesOfABatchAreItsPictures() throws {
    try withSamples(7) { _, samples in
      for state in [LoaderState(), LoaderState(epoch: 1, position: 2)] {
        let whole = try records(loader(samples, state: state), 8)
        let first = try records(loader(samples, threads: 2, state: state) { $0.share = 0..<1 }, 8)
        let second = try records(loader(samples, state: state) { $0.share = 1..<3 }, 8)
        #expect(zip(first, second).map { $0.ids + $1.ids } == whole.map(\.ids))
        #expect(zip(first, second).map { $0.values + $1.values } == whole.map(\.values))
        #expect(zip(first, second).map { $0.truths + $1.truths } == whole.map(\.truths))
      }
    }
  }

  @Test func continuesAnywhere() throws {
    try withSamples(7) { _, samples in
      let whole = try loader(samples, threads: 2)
      _ = try records(whole, 3)
      let state = whole.state
      #expect(state == LoaderState(epoch: 1, position: 2))
      let rest = try records(whole, 4)
      #expect(try records(loader(samples, state: state), 4) == rest)
      let copy = try JSONDecoder().decode(
        LoaderState.self, from: JSONEncoder().encode(state))
      #expect(copy == state)
    }
  }

  @Test func evaluatesEverySampleOnce() throws {
    try withSamples(7) { _, samples in
      let loader = try BatchLoader(
        samples: samples, configuration: .evaluation(batchSize: 3, resize: .letterbox),
        pool: ThreadPool(threadCount: 2), inputSize: { _ in (20, 20) })
      var ids: [String] = []
      var sizes: [Int] = []
      while let batch = try loader.next() {
        ids += batch.sources.map(\.id)
        sizes.append(batch.input.shape.batch)
        #expect(batch.targets.allSatisfy { $0.count == 1 })
        for source in batch.sources {
          #expect(source.variation.imageWidth == 20 && source.variation.imageHeight == 16)
          #expect(samples[source.index].id == source.id)
        }
        // 20 x 16 pixels in 20 x 20: two rows of zeros above and below, VOC box (2, 3, 10, 12).
        let box = try #require(batch.targets.first?.first?.box)
        expectClose([box.left, box.top, box.right, box.bottom], [0.05, 0.2, 0.5, 0.7])
        let pixels = values(batch.input)
        #expect(pixels[..<120].allSatisfy { $0 == 0 })
        let image = try samples[batch.sources[0].index].image.read()
        expectClose(
          Array(pixels[120..<1080]), image.pixels.map { Float($0) / 255 }, absolute: 1e-6)
      }
      #expect(ids == samples.map(\.id) && sizes == [3, 3, 1])
      #expect(loader.waitSeconds > 0)
    }
  }

  @Test func replacesUnreadablePictures() throws {
    try withSamples(5) { folder, samples in
      let broken = folder.appending(path: "JPEGImages/3.jpg")
      try Foundation.Data([0xFF, 0xD8, 0xFF]).write(to: broken)
      let first = try loader(samples, threads: 2)
      let batches = try records(first, 10)
      #expect(first.problems.count == 1)
      #expect(first.problems.first?.file == broken.path)
      let ids = batches.flatMap(\.ids)
      #expect(!ids.contains("3") && ids.count == 30)
      #expect(try records(loader(samples), 10) == batches)
    }
  }

  @Test(arguments: [1, 2, 5])
  func leavesUnreadablePicturesOut(batch: Int) throws {
    try withSamples(5) { folder, samples in
      for name in ["2", "3"] {
        try Foundation.Data([0xFF, 0xD8, 0xFF])
          .write(to: folder.appending(path: "JPEGImages/\(name).jpg"))
      }
      let loader = try BatchLoader(
        samples: samples, configuration: .evaluation(batchSize: batch, resize: .stretch),
        pool: ThreadPool(threadCount: 2)
      ) { _ in (20, 16) }
      var ids: [String] = []
      while let batch = try loader.next() {
        #expect(batch.input.shape.batch == batch.sources.count && !batch.sources.isEmpty)
        ids += batch.sources.map(\.id)
      }
      #expect(ids == samples.map(\.id).filter { $0 != "2" && $0 != "3" })
      #expect(loader.problems.map(\.kind) == [.unreadableImage, .unreadableImage])
    }
  }

  @Test func stopsIfNothingCanBeRead() throws {
    try withSamples(2) { folder, samples in
      try FileManager.default.removeItem(at: folder.appending(path: "JPEGImages"))
      let text = message { _ = try loader(samples, threads: 2).next() }
      #expect(text?.hasPrefix("none of the images can be read") == true, "\(text ?? "")")
      #expect(message { _ = try loader([]) }?.contains("no samples") == true)
    }
  }

  @Test func maybeGivenUpAtAnyTime() throws {
    try withSamples(7) { _, samples in
      let pool = try ThreadPool(threadCount: 2)
      for _ in 0..<50 {
        let loader = try BatchLoader(
          samples: samples,
          configuration: LoaderConfiguration(batchSize: 2, augmentation: Augmentation()),
          pool: pool, inputSize: { _ in (16, 16) })
        #expect(try loader.next()?.targets.count == 2)
      }
    }
  }

  @Test func loadersDisturbBySampleAlone() throws {
    try withTemporaryFolder { folder in
      try folder.writeVOC(5)
      // The second picture is the first once more.
      try folder.writePicture("JPEGImages/2.jpg", seed: 1)
      let samples = try SampleSet(voc: [DataArgument(folder)], split: "all").samples
      func inputs(_ corruption: ImageCorruption?, threads: Int, batch: Int) throws -> [Float] {
        var configuration = LoaderConfiguration.evaluation(
          batchSize: batch, resize: .stretch)
        configuration.corruption = corruption
        let loader = try BatchLoader(
          samples: samples, configuration: configuration, pool: ThreadPool(threadCount: threads)
        ) { _ in (20, 16) }
        var all: [Float] = []
        while let batch = try loader.next() { all += values(batch.input) }
        return all
      }
      let plain = try inputs(nil, threads: 2, batch: 2)
      #expect(try inputs(ImageCorruption(.noise, severity: 0), threads: 1, batch: 5) == plain)
      let noisy = try inputs(ImageCorruption(.noise, severity: 2), threads: 1, batch: 1)
      #expect(noisy != plain && noisy.count == plain.count)
      #expect(try inputs(ImageCorruption(.noise, severity: 2), threads: 3, batch: 4) == noisy)
      #expect(plain[..<960].elementsEqual(plain[960..<1920]))
      #expect(!noisy[..<960].elementsEqual(noisy[960..<1920]))
    }
  }
}
