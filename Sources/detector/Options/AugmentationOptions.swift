import ArgumentParser
import Experiments
import Tasks

/// Which views of an image a detector looks at.
struct AugmentationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Looks at several views of every image and joins what they show: flip, mirrored too; scales, \
      inputs of 0.83 and 1.17 times the size; numbers, other sizes: flip,0.75,1.25. Sizes are \
      rounded to the network's stride; the picture as it is always counts. An object's box is the \
      mean of the views that find it, its confidence the mean over all views (0 where it is not found), \
      its uncertainty that of its most confident view. Takes about as many times longer as there are \
      views: flip,scales makes 6. (default: the picture alone)
      """, valueName: "views"))
  var augment: String?

  func validate() throws {
    if let augment { _ = try checkingUsage { try ImageViews(list: augment) } }
  }

  /// What was asked for; nil for the image as it is.
  var views: ImageViews? { augment.flatMap { try? ImageViews(list: $0) } }
}
