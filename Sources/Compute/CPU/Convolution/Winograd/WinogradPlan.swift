import CKernels

/// The sizes of a convolution by Winograd's F(m×m, 3×3), forward or gradient by the input.
struct WinogradPlan: Sendable {
  /// Outputs of a tile, per side.
  let m: Int
  let window: ck_winograd
  /// Channels summed over, channels of the result.
  let inner: Int
  let columns: Int
  /// Tiles of all images, of one.
  let tiles: Int
  let tilesPerImage: Int

  /// A convolution with `padding` zeros around the input.
  init(m: Int, input: Shape, output: Shape, padding: Int) {
    self.m = m
    let high = (output.height + m - 1) / m
    let wide = (output.width + m - 1) / m
    window = ck_winograd(
      height: input.height, width: input.width, channels: input.channels,
      out_height: output.height, out_width: output.width, filters: output.channels,
      tiles_high: high, tiles_wide: wide, padding: padding)
    inner = input.channels
    columns = output.channels
    tilesPerImage = high * wide
    tiles = input.batch * tilesPerImage
  }

  /// Coefficients of a tile of one channel: (m + 2)².
  var elements: Int { (m + 2) * (m + 2) }

  /// Distance of the rows of a matrix of coefficients: whole vectors, not a power of two.
  static func row(_ channels: Int) -> Int {
    let whole = (channels + 15) / 16 * 16
    return whole % 256 == 0 ? whole + 16 : whole
  }

  /// Distance of the matrices of coefficients of `tiles` tiles.
  static func element(tiles: Int, row: Int) -> Int { tiles * row + 16 }
}

/// Coefficients [element][tile][channel].
struct WinogradMatrix: Sendable {
  let base: KernelPointer
  let element: Int
  let row: Int

  init(_ base: UnsafeMutablePointer<Float>, tiles: Int, channels: Int) {
    self.base = KernelPointer(base)
    row = WinogradPlan.row(channels)
    element = WinogradPlan.element(tiles: tiles, row: row)
  }

  static func count(_ plan: WinogradPlan, tiles: Int, channels: Int) -> Int {
    plan.elements * WinogradPlan.element(tiles: tiles, row: WinogradPlan.row(channels))
  }
}

/// How much of a convolution is done at a time.
///
/// What one step writes and the next reads should stay in a cache: the second-level one of a thread
/// where weights are few, otherwise the third-level one.
struct WinogradSchedule: Sendable {
  /// Floats of input coefficients that are held, and of those of weights and of products.
  private static let heldInputs = 5 << 20
  private static let heldWeights = 5 << 19

  /// Tiles that one task takes all the way; nil: all tasks share each step.
  let fusedTiles: Int?
  /// Tiles and panels of weights of each shared step.
  let tiles: Int
  let panels: Int

  init(_ plan: WinogradPlan, kernels: KernelTable) {
    let all = kernels.panels(plan.columns)
    let fused = plan.inner <= 64 ? 52 : 26
    if plan.inner * plan.columns <= 128 * 256 && plan.tiles >= 12 * fused {
      fusedTiles = fused
      tiles = plan.tiles
      panels = all
      return
    }
    fusedTiles = nil
    let perImage = plan.elements * plan.tilesPerImage * plan.inner
    let images = max(1, WinogradSchedule.heldInputs / perImage)
    tiles = min(plan.tiles, images * plan.tilesPerImage)
    let perPanel = plan.elements * kernels.panel * max(plan.inner, tiles)
    let most = max(2, WinogradSchedule.heldWeights / perPanel)
    let blocks = (all + most - 1) / most
    panels = (all + blocks - 1) / blocks
  }

  /// Whether every block of weights is used once only, so that there is no need to hold all.
  func usesWeightsOnce(_ plan: WinogradPlan) -> Bool { fusedTiles == nil && tiles == plan.tiles }
}
