// swift-tools-version: 6.1
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Settings of C targets that are optimised even in a debug build, which another package that builds on this
/// one must not be given.
func optimized(_ flags: [String]) -> [CSetting] {
  Context.packageDirectory.contains("/checkouts/") ? [] : [.unsafeFlags(flags)]
}

/// A library target of the pipeline; its list is whom it may import.
///
/// `make test` builds with
/// `--explicit-target-dependency-import-check error`.
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
    .executable(name: "detector", targets: ["detector"]),
    .library(name: "ObjectDetection", targets: ["ObjectDetection"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
  ],
  targets: [
    // MARK: - System libraries
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
    .systemLibrary(
      name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),
    .systemLibrary(name: "CTIFF", pkgConfig: "libtiff-4", providers: [.apt(["libtiff-dev"])]),
    .systemLibrary(name: "CWebP", pkgConfig: "libwebp", providers: [.apt(["libwebp-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    // MARK: - Numbers
    // Kernels are always optimised: a debug build of them would make every test crawl.
    .target(name: "CKernels", cSettings: optimized(["-O3", "-ffp-contract=fast"])),
    // What an MPI of the machine does is built by `make mpi`, and found at run time.
    .target(name: "CProcessGroup", exclude: ["mpi"]),
    library("Files", ["CZlib"]),
    library("Compute", ["CKernels", "COpenBLAS", "CProcessGroup"]),
    library("Layers", ["Compute"]),

    // MARK: - Pictures, boxes and what is known of them
    library("Geometry", []),
    .target(
      name: "CImageFiles", dependencies: ["CPNG", "CTIFF"], cSettings: optimized(["-O3"])),
    library(
      "Images", ["Files", "Compute", "Geometry", "CPNG", "CTurboJPEG", "CWebP", "CImageFiles"]),
    library("Detection", ["Compute", "Geometry"]),
    library("Keypoints", ["Compute", "Geometry"]),
    library("Uncertainty", ["Compute", "Layers", "Detection"]),
    library("Losses", ["Compute", "Geometry", "Detection"]),
    library("Evaluation", ["Files", "Compute", "Geometry", "Detection", "Keypoints"]),
    library(
      "Datasets",
      ["Files", "Compute", "Geometry", "Images", "Detection", "Keypoints", "CExpat"]),

    // MARK: - From a cfg to a run
    library("Networks", ["Compute", "Layers"]),
    library(
      "Darknet",
      [
        "Files", "Compute", "Geometry", "Layers", "Networks", "Detection", "Keypoints",
        "Uncertainty", "Losses",
      ]),
    library(
      "Tasks",
      [
        "Compute", "Layers", "Geometry", "Images", "Detection", "Keypoints", "Uncertainty",
        "Losses", "Evaluation", "Datasets", "Networks", "Darknet",
      ]),
    library(
      "Training",
      [
        "Files", "Compute", "Layers", "Geometry", "Images", "Detection", "Keypoints", "Losses",
        "Evaluation", "Datasets", "Networks", "Darknet", "Tasks",
      ]),
    // What other programs read.
    .target(
      name: "Exchange",
      dependencies: [
        "Files", "Compute", "Layers", "Geometry", "Detection", "Uncertainty", "Losses",
        "Evaluation", "Networks", "Darknet",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      exclude: ["ONNX/Schema/onnx.proto", "TensorBoard/Schema/events.proto"], swiftSettings: strict),
    library(
      "Drawing",
      ["Files", "Geometry", "Images", "Detection", "Keypoints", "Uncertainty", "Evaluation"]),
    library(
      "Experiments",
      [
        "Files", "Compute", "Layers", "Geometry", "Images", "Detection", "Keypoints",
        "Uncertainty", "Losses", "Evaluation", "Datasets", "Networks", "Darknet", "Tasks",
        "Training", "Drawing", "Exchange",
      ]),
    // The one target whose declarations are public: what programs of others build on.
    library(
      "ObjectDetection",
      [
        "Files", "Compute", "Geometry", "Images", "Detection", "Tasks", "Training",
        "Experiments",
      ]),
    .executableTarget(
      name: "detector",
      dependencies: [
        "Files", "Compute", "Layers", "Geometry", "Images", "Detection", "Keypoints",
        "Uncertainty", "Evaluation", "Datasets", "Networks", "Darknet", "Tasks", "Training",
        "Drawing", "Exchange", "Experiments",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    // MARK: - Tests
    .target(
      name: "TestSupport", dependencies: ["Compute", "Layers", "Images"], path: "Tests/TestSupport",
      swiftSettings: strict),
    tests(of: "Files"),
    tests(of: "Compute"),
    tests(of: "Layers", ["Compute"]),
    tests(of: "Geometry"),
    tests(of: "Images", ["Files", "Compute", "Geometry"]),
    tests(of: "Detection", ["Compute", "Geometry"]),
    tests(of: "Uncertainty", ["Compute", "Layers", "Detection"]),
    tests(of: "Losses", ["Compute", "Geometry", "Detection"]),
    tests(of: "Keypoints", ["Compute", "Geometry"]),
    tests(
      of: "Evaluation",
      ["Files", "Compute", "Geometry", "Detection", "Keypoints", "Datasets", "Tasks"]),
    tests(
      of: "Datasets",
      ["Files", "Compute", "Geometry", "Images", "Detection", "Keypoints"]),
    tests(
      of: "Darknet",
      ["Compute", "Geometry", "Layers", "Networks", "Uncertainty", "Detection", "Losses"]),
    tests(
      of: "Tasks",
      [
        "Compute", "Layers", "Geometry", "Images", "Detection", "Keypoints", "Uncertainty",
        "Losses", "Evaluation", "Datasets", "Networks", "Darknet",
      ]),
    tests(
      of: "Training",
      [
        "Files", "Compute", "Layers", "Geometry", "Images", "Detection", "Keypoints",
        "Uncertainty", "Losses", "Evaluation", "Datasets", "Networks", "Darknet", "Tasks",
      ]),
    .testTarget(
      name: "ExchangeTests",
      dependencies: [
        "Exchange", "Files", "Compute", "Geometry", "Layers", "Detection", "Evaluation",
        "Uncertainty",
        "Networks",
        "Darknet", "TestSupport", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ], swiftSettings: strict),
    tests(
      of: "Drawing",
      ["Files", "Geometry", "Images", "Detection", "Keypoints", "Evaluation", "Uncertainty"]),
    tests(
      of: "Experiments",
      [
        "Files", "Compute", "Layers", "Losses", "Geometry", "Images", "Detection", "Keypoints",
        "Uncertainty", "Evaluation", "Datasets", "Darknet", "Tasks", "Training", "Drawing",
      ]),
    tests(of: "ObjectDetection"),
    .testTarget(
      name: "FuzzTests",
      dependencies: [
        "Files", "Compute", "Geometry", "Detection", "Keypoints", "Evaluation", "Datasets",
        "Darknet", "Training", "TestSupport",
      ],
      exclude: ["Corpus"], swiftSettings: strict),
    // Runs the program itself, which therefore must be built first.
    .testTarget(
      name: "CommandLineTests", dependencies: ["detector", "TestSupport"], swiftSettings: strict),
  ]
)
