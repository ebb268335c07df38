package import Datasets
package import Detection
package import Evaluation
import Geometry

extension EvaluatedImage {
  /// A sample without detections yet.
  ///
  /// - Parameters:
  ///   - sample: The picture with its objects.
  ///   - details: What COCO's annotations say of each object; empty for other formats.
  package init(_ sample: Sample<[GroundTruth]>, details: [GroundTruthDetail] = []) {
    self.init(id: sample.id, objects: sample.target, size: sample.size)
    self.details = details
  }

  /// A picture of COCO annotations without detections yet.
  package init(_ picture: COCOAnnotations.Picture) {
    self.init(id: picture.id, objects: picture.objects, size: picture.size)
    details = picture.details
  }

  /// The objects of a YOLO label file, without detections yet.
  package init(_ labels: YOLOLabels) {
    self.init(id: labels.id, objects: labels.objects, size: labels.size)
  }
}

extension SampleSet<[GroundTruth]> {
  /// The samples to be evaluated, without detections yet.
  package var evaluatedImages: [EvaluatedImage] {
    samples.enumerated().map { index, sample in
      EvaluatedImage(sample, details: details.isEmpty ? [] : details[index])
    }
  }
}

extension COCOAnnotations {
  /// What the ids of COCO's result files mean.
  package var results: COCOResultFile {
    COCOResultFile(imageIndices: imageIndices, classIndices: classIndices)
  }
}
