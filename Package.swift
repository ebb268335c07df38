// swift-tools-version: 6.1
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// A library target of the pipeline; the list below shows who may import whom.
func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The tests of one library target.
func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: name + "Tests",
    dependencies: [.init(stringLiteral: name), "TestSupport"] + dependencies,
    swiftSettings: strict)
}

let package = Package(
  name: "detector",
  products: [
    .executable(name: "detector", targets: ["detector"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // MARK: - System libraries
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(
      name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),

    // MARK: - The pipeline
    // Kernels are always optimised: a debug build of them would make every test crawl.
    .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3", "-ffp-contract=fast"])]),
    library("Files", []),
    library("Compute", ["CKernels", "COpenBLAS"]),
    library("Layers", ["Compute"]),
    library("Detection", ["Compute"]),
    library("Uncertainty", ["Compute", "Layers"]),
    library("Darknet", ["Files", "Compute", "Layers", "Uncertainty", "Detection"]),
    library("Losses", ["Compute", "Detection"]),
    library("Evaluation", ["Files", "Compute", "Detection"]),
    library("Data", ["Files", "Compute", "Detection", "CPNG", "CTurboJPEG"]),
    library("Drawing", ["Files", "Data", "Detection", "Evaluation", "Uncertainty"]),
    library(
      "Training",
      [
        "Files", "Compute", "Layers", "Uncertainty", "Darknet", "Detection", "Losses", "Data",
        "Evaluation",
      ]),
    .executableTarget(
      name: "detector",
      dependencies: [
        "Files", "Compute", "Layers", "Uncertainty", "Darknet", "Detection", "Losses", "Data",
        "Evaluation", "Drawing", "Training",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    // MARK: - Tests
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
    tests(of: "Files"),
    tests(of: "Compute"),
    tests(of: "Layers", ["Compute"]),
    tests(of: "Detection", ["Compute"]),
    tests(of: "Uncertainty", ["Compute", "Layers"]),
    tests(of: "Darknet", ["Compute", "Layers", "Uncertainty", "Detection"]),
    tests(of: "Losses", ["Compute", "Detection"]),
    tests(of: "Evaluation", ["Compute", "Detection"]),
    tests(of: "Data", ["Compute", "Detection"]),
    tests(of: "Drawing", ["Files", "Data", "Detection", "Evaluation", "Uncertainty"]),
    tests(
      of: "Training",
      ["Files", "Compute", "Layers", "Uncertainty", "Darknet", "Detection", "Losses", "Data"]),
    // Runs the program itself, which therefore must be built first.
    .testTarget(
      name: "CommandLineTests", dependencies: ["detector", "TestSupport"], swiftSettings: strict),
  ]
)
