import Foundation

/// Formats that people have and that are not read, with what to use instead.
enum ForeignData {
  private static let folders =
    "give folders of pictures named for their classes (train/CLASS/*.png) or CSV (path,label,split)"

  /// What a file is, by its name; nil for one that is not known.
  static func error(_ file: URL) -> DataError? {
    let formats = [
      "HDF5 files": ["h5", "hdf5"], "Python's pickles": ["pkl", "pickle"],
      "NumPy archives": ["npz", "npy"], "TensorFlow's records": ["tfrecord", "tfrecords"],
      "Parquet files": ["parquet"], "LMDB databases": ["mdb", "lmdb"],
    ]
    let kind = file.pathExtension.lowercased()
    return formats.first { $0.value.contains(kind) }.map {
      .foreignFormat(
        file.path, format: $0.key,
        remedy: ["h5", "hdf5"].contains(kind)
          ? folders + "; of keypoints JSON or CSV (mpii_annotations.json, CollectedData_*.csv)"
          : folders)
    }
  }

  /// What the files of a folder are; nil if they are nothing of these.
  static func error(in folder: URL) throws -> DataError? {
    try VOCFolder.list(folder).lazy.compactMap { error(folder.appending(path: $0)) }.first
  }

  /// CIFAR as Python's archives hold it; nil if a folder holds something else.
  static func pickles(in folder: URL) throws -> DataError? {
    let names = try VOCFolder.list(folder)
    // The Python archives of CIFAR-10 and -100, whose files have no extension.
    let inner = names.contains("cifar-10-batches-py") || names.contains("cifar-100-python")
    let isPickled =
      names.contains("data_batch_1") || names.contains("batches.meta")
      || names.contains("train") && names.contains("meta")
        && !VOCFolder.isFolder(folder.appending(path: "train"))
    guard inner || isPickled else { return nil }
    return .foreignFormat(
      folder.path, format: "CIFAR's pickles for Python",
      remedy: "take the binary version (cifar-10-binary.tar.gz, cifar-100-binary.tar.gz) or "
        + "pictures in folders named for their classes")
  }
}
