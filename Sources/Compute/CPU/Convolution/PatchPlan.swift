import CKernels

/// The sizes of a convolution as matrix products.
struct PatchPlan: Sendable {
  let geometry: ConvolutionGeometry
  let window: ck_window
  let batch: Int
  let filters: Int
  /// Input channels and filters of one group.
  let groupChannels: Int
  let groupFilters: Int
  /// Output pixels of one image, of all images.
  let rowsPerImage: Int
  let rows: Int
  /// R · S · C / groups: the length of one patch.
  let patch: Int
  let inputPerImage: Int

  init(input: Shape, output: Shape, geometry: ConvolutionGeometry) {
    self.geometry = geometry
    window = ck_window(
      height: input.height, width: input.width, channels: input.channels,
      out_height: output.height, out_width: output.width, kernel_height: geometry.size,
      kernel_width: geometry.size, stride: geometry.stride, pad_top: geometry.padding,
      pad_left: geometry.padding, dilation: geometry.dilation)
    batch = input.batch
    filters = output.channels
    groupChannels = input.channels / geometry.groups
    groupFilters = output.channels / geometry.groups
    rowsPerImage = output.height * output.width
    rows = output.rows
    patch = geometry.size * geometry.size * groupChannels
    inputPerImage = input.countPerImage
  }

  /// One filter a channel: matrix products would be vectors.
  var isDepthwise: Bool {
    groupChannels == 1 && groupFilters == 1 && geometry.groups > 1 && !isDilated
  }
  /// Taps lie apart.
  var isDilated: Bool { geometry.dilation > 1 && geometry.size > 1 }

  /// 4 M floats of patches at a time: they stay in the last-level cache.
  private static let panelFloats = 1 << 22

  var rowsPerPanel: Int { min(rows, max(256, PatchPlan.panelFloats / patch)) }
  var imagesPerPanel: Int {
    min(batch, max(1, PatchPlan.panelFloats / (patch * rowsPerImage)))
  }
  /// Patches per chunk of the parallel copy.
  var patchGrain: Int { max(1, CPUBackend.elementGrain / patch) }
  /// Input lines per chunk of the parallel gather.
  var imageRowGrain: Int {
    max(1, CPUBackend.elementGrain / (window.width * max(1, groupChannels) * geometry.size))
  }
}
