package import Compute
import Datasets
package import Drawing
import Files
import Foundation
import Geometry
import Images
import Keypoints
import Tasks
import Training

/// Draws the maps of keypoints: a sheet for each image, with a tile for each keypoint.
package struct KeypointMapping {
  package var model: ModelChoice
  package var source: UncertaintyMapping.Source
  /// The first images, or persons, only; nil: all.
  package var limit: Int?
  /// What tiles show.
  package var kinds: [KeypointSheet.Map]
  /// Whether the mirrored image is looked at, too.
  package var mirrors = false

  package init(
    model: ModelChoice, source: UncertaintyMapping.Source, kinds: [KeypointSheet.Map]
  ) {
    self.model = model
    self.source = source
    self.kinds = kinds
  }

  /// The kinds that a list names, each once.
  ///
  /// - Throws: ``UsageError`` for a name that there is not.
  package static func kinds(named list: String) throws -> [KeypointSheet.Map] {
    try list.split(separator: ",", omittingEmptySubsequences: false).reduce(into: []) {
      kinds, name in
      guard let kind = KeypointSheet.Map(rawValue: String(name)) else {
        throw UsageError(
          "there is no kind '\(name)' of keypoints; --kind takes "
            + KeypointSheet.Map.allCases.map(\.rawValue).joined(separator: ", "))
      }
      if !kinds.contains(kind) { kinds.append(kind) }
    }
  }

  /// Writes `NAME-maps.png` for every image, or person of a data set.
  ///
  /// - Parameters:
  ///   - path: The folder for everything.
  ///   - backend: Does the work.
  ///   - console: Told which model it is and which images cannot be read.
  ///   - each: Gets the path of a sheet as soon as it is written.
  /// - Returns: How many images could be read.
  /// - Throws: Before the work if something cannot be read or written; ``UsageError`` for BALD of a
  ///   network without a Bayesian branch.
  package func run(
    to path: String, backend: any Backend, _ console: Console, each: (String) throws -> Void
  ) throws -> ImageWalk.Outcome {
    try model.task() == CenterTask.self
      ? run(ObjectCenters.self, path, backend, console, each)
      : run(PersonJoints.self, path, backend, console, each)
  }

  /// An image or a person to look at.
  private struct Subject {
    let id: String
    let image: ImageSource
    let truth: KeypointTruth?
  }

  private func run<Kind: HeatmapTarget>(
    _: Kind.Type, _ path: String, _ backend: any Backend, _ console: Console,
    _ each: (String) throws -> Void
  ) throws -> ImageWalk.Outcome {
    var settings = HeatmapSettings()
    settings.mirrors = mirrors
    let network = try KeypointNetwork<Kind>(model, settings: settings, backend: backend)
    if kinds.contains(.bald), !network.model.knowsUncertainty {
      guard kinds.count > 1 else {
        throw UsageError(
          "\(network.model.origin) has no Bayesian branch, so that there is no BALD to map; train with"
            + " --branch convBayes, or take --kind heat")
      }
      console.say("note: no Bayesian branch, so that sheets have no BALD")
    }
    let subjects = try subjects(network, console)
    try Folder.make(path)
    console.mention(network.introduction)
    var outcome = ImageWalk.Outcome(total: subjects.count)
    for subject in subjects {
      let image: Image
      do {
        image = try subject.image.read()
      } catch {
        console.say("\(error)")
        continue
      }
      let sheet = try sheet(of: subject, image, network)
      let name = subject.id.replacingOccurrences(of: "/", with: "_")
      // The end keeps a photo beside it from being replaced.
      let file = URL(filePath: path).appending(path: name + "-maps.png")
      try sheet.image().writePNG(to: file)
      try each(file.relativePath)
      outcome.read += 1
    }
    return outcome
  }

  private func subjects<Kind>(
    _ network: KeypointNetwork<Kind>, _ console: Console
  ) throws -> [Subject] {
    let all: [Subject]
    switch source {
    case .images(let paths):
      all = try ImageFile.list(paths).map {
        Subject(id: $0.stem, image: .file($0.url), truth: nil)
      }
    case .data(let choice):
      all = try network.read(choice.adoptingRules(of: model.run), console).samples.map {
        Subject(id: $0.id, image: $0.image, truth: $0.target)
      }
    }
    return Array(all.prefix(limit ?? .max))
  }

  private func sheet<Kind>(
    of subject: Subject, _ image: Image, _ network: KeypointNetwork<Kind>
  ) throws -> KeypointSheet {
    let region = subject.truth?.region
    let (maps, placement) = try network.maps(of: image, region: region)
    let found = network.task.prediction(from: maps, placement).points
    let modulators =
      try subject.truth.map {
        try network.task.modulators(of: maps, truth: $0, placement: placement)
      } ?? maps.heat.map { _ in nil }
    let joints = maps.heat.indices.map { index in
      KeypointSheet.Joint(
        name: network.layout.names[index], found: found.first { $0.index == index },
        truth: subject.truth?[index], heat: maps.heat[index],
        bald: maps.bald.isEmpty ? nil : maps.bald[index], modulator: modulators[index])
    }
    var sheet = KeypointSheet(
      title: subject.id, photo: image, placement: placement, joints: joints)
    sheet.maps = kinds
    return sheet
  }
}
