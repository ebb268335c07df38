package import Datasets
import Evaluation
import Foundation
package import Images
import Tasks
package import Training

/// The images that a run knows: trained on, chosen by, or used to fit its confidence map.
///
/// Numbers on those look better than they are.
package struct KnownImages {
  /// Where images of a judgement have been seen before, as counts.
  package struct Overlap: Equatable, Sendable {
    /// The images that were looked for.
    package var images = 0
    package var trained = 0
    package var chosenBy = 0
    package var fittedOn = 0
  }

  /// What could not be read again, nil if everything could.
  package let gap: String?
  private let trained: ImageIdentities
  private let chosenBy: ImageIdentities
  private let trainedIDs: Set<String>
  private let fittedOn: Set<String>

  /// Reads the annotations (not the images) of a run's data again.
  ///
  /// A run without `config.json`, or whose data are not there any more, knows nothing; ``gap`` says so.
  ///
  /// - Parameters:
  ///   - run: The folder.
  ///   - weights: Which checkpoint is judged: only the best one was chosen.
  package init(_ run: RunFolder, weights: RunWeights) {
    var gap: String?
    func read(_ split: String, _ sets: (RunDataSources) -> [String]) -> SampleList {
      do {
        let configuration = try RunConfiguration(contentsOf: run.configuration)
        let sets = sets(configuration.sources)
        guard !sets.isEmpty else { return [] }
        let found = try configuration.sources.choice(sets, configuration.rules).sets()
        func samples<Task: LearningTask>(_: Task.Type) throws -> SampleList {
          try Task.read(
            found, split: split, classNames: configuration.classNames, rules: configuration.rules
          ).samples.map { ($0.id, $0.image) }
        }
        return try samples(ModelChoice(.run(run.path, weights)).task())
      } catch {
        gap = "it cannot be told which images \(run.path) was trained on: \(error)"
        return []
      }
    }
    let training = read("train", \.training)
    trained = ImageIdentities(training.map(\.image))
    trainedIDs = Set(training.map(\.id))
    chosenBy = ImageIdentities(
      weights == .best ? read("val", \.validation).map(\.image) : [])
    let map = try? RecalibrationModel(contentsOf: URL(filePath: run.calibration))
    fittedOn = Set(map?.imageIDs ?? [])
    self.gap = gap
  }

  private typealias SampleList = [(id: String, image: ImageSource)]

  /// What the run of a model knows, nil for a model that is no run.
  package init?(_ choice: ModelChoice) {
    guard case .run(let path, let weights) = choice.place else { return nil }
    let run = RunFolder(path: path)
    guard let weights = try? run.weights(weights) else { return nil }
    self.init(run, weights: weights)
  }

  /// How many of the images are known; an image is the same if its file is, or all of its bytes.
  package func overlap(with images: [(id: String, image: ImageSource)]) -> Overlap {
    Overlap(
      images: images.count, trained: images.count { trained.contains($0.image) },
      chosenBy: images.count { chosenBy.contains($0.image) },
      fittedOn: images.count { fittedOn.contains($0.id) })
  }

  /// How many of some ids are ids of training images.
  package func trainedCount(of ids: [String]) -> Int { ids.count { trainedIDs.contains($0) } }

  /// What makes numbers on samples look better than they are, a sentence each.
  package func cautions<Target>(judging samples: [Sample<Target>]) -> [String] {
    cautions(overlap(with: samples.map { ($0.id, $0.image) }))
  }

  /// The same for an overlap.
  package func cautions(_ overlap: Overlap) -> [String] {
    func sentence(_ count: Int, _ text: String) -> String? {
      count == 0 ? nil : "\(count) of these \(overlap.images) images \(text)"
    }
    return [
      gap,
      sentence(overlap.trained, "were trained on: the numbers say little about new images"),
      sentence(overlap.chosenBy, "chose the weights: the numbers are a little too good"),
      sentence(overlap.fittedOn, "were used to fit the run's confidence map"),
    ].compactMap(\.self)
  }
}

/// Images by what they are: the file, or a copy with the same bytes.
private struct ImageIdentities {
  private let places: Set<String>
  /// Files by their size, which tells most others apart without reading them.
  private let files: [Int: [String]]

  init(_ images: [ImageSource]) {
    places = Set(images.map(Self.place))
    files = Dictionary(grouping: images.compactMap(\.file?.path)) { Self.size($0) ?? -1 }
  }

  func contains(_ image: ImageSource) -> Bool {
    if places.isEmpty { return false }
    if places.contains(Self.place(image)) { return true }
    guard let path = image.file?.path, let size = Self.size(path), let others = files[size],
      let bytes = FileManager.default.contents(atPath: path)
    else { return false }
    return others.contains { FileManager.default.contents(atPath: $0) == bytes }
  }

  private static func place(_ image: ImageSource) -> String {
    let path = image.url.resolvingSymlinksInPath().standardizedFileURL.path
    guard case .record(let record) = image else { return path }
    return "\(path)#\(record.number)"
  }

  private static func size(_ path: String) -> Int? {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : nil
  }
}
