// helpers over v128, which holds 4 floats

@inline
export function add(a: v128, b: v128): v128 {
  return f32x4.add(a, b);
}

@inline
export function mul(a: v128, b: v128): v128 {
  return f32x4.mul(a, b);
}

@inline
export function sumOf(a: v128): f32 {
  return (
    f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 1) + (f32x4.extract_lane(a, 2) + f32x4.extract_lane(a, 3))
  );
}

/** Sum of each of 4 vectors. */
@inline
export function sumsOf(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = add(v128.shuffle<f32>(a, b, 0, 1, 4, 5), v128.shuffle<f32>(a, b, 2, 3, 6, 7));
  const cd = add(v128.shuffle<f32>(c, d, 0, 1, 4, 5), v128.shuffle<f32>(c, d, 2, 3, 6, 7));
  return add(v128.shuffle<f32>(ab, cd, 0, 2, 4, 6), v128.shuffle<f32>(ab, cd, 1, 3, 5, 7));
}

/** e^x for x in [-87, 0] to about 1 unit in the last place (Cephes expf: argument reduction by ln 2, degree-5 polynomial). */
@inline
export function exp4(x: v128): v128 {
  const n = f32x4.nearest(mul(x, f32x4.splat(1.44269504088896341)));
  const r = f32x4.sub(f32x4.sub(x, mul(n, f32x4.splat(0.693359375))), mul(n, f32x4.splat(-2.12194440e-4)));
  let p = f32x4.splat(1.9875691500e-4);
  p = add(mul(p, r), f32x4.splat(1.3981999507e-3));
  p = add(mul(p, r), f32x4.splat(8.3334519073e-3));
  p = add(mul(p, r), f32x4.splat(4.1665795894e-2));
  p = add(mul(p, r), f32x4.splat(1.6666665459e-1));
  p = add(mul(p, r), f32x4.splat(5.0000001201e-1));
  p = add(add(mul(mul(p, r), r), r), f32x4.splat(1));
  const exponent = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return mul(p, exponent);
}
