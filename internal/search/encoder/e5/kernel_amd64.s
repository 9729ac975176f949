#include "textflag.h"

// Constants, each filling a register. The names are those of the formulas.
#define CONST32(name, bits) \
	DATA name<>+0(SB)/4, $bits \
	DATA name<>+4(SB)/4, $bits \
	DATA name<>+8(SB)/4, $bits \
	DATA name<>+12(SB)/4, $bits \
	DATA name<>+16(SB)/4, $bits \
	DATA name<>+20(SB)/4, $bits \
	DATA name<>+24(SB)/4, $bits \
	DATA name<>+28(SB)/4, $bits \
	GLOBL name<>(SB), RODATA|NOPTR, $32

CONST32(absMask, 0x7fffffff)
CONST32(lowHalves, 0x0f0f0f0f)
CONST32(shortOnes, 0x00010001)
CONST32(one, 0x3f800000)
CONST32(half, 0x3f000000)
CONST32(minusHalf, 0xbf000000)
CONST32(by127, 0x42fe0000)     // 127
CONST32(expFloor, 0xc2ae0000)  // -87: below it the result is as good as 0
CONST32(log2e, 0x3fb8aa3b)     // 1/ln 2
CONST32(ln2High, 0x3f317200)   // ln 2, upper part
CONST32(ln2Low, 0x35bfbe8e)    // ln 2, the rest
CONST32(c6, 0x3ab60b61)        // 1/720
CONST32(c5, 0x3c088889)        // 1/120
CONST32(c4, 0x3d2aaaab)        // 1/24
CONST32(c3, 0x3e2aaaab)        // 1/6
CONST32(erfP, 0x3e6d3388)      // 0.3275911/√2
CONST32(erf1, 0x3e827906)      // 0.254829592
CONST32(erf2, 0xbe91a98e)      // -0.284496736
CONST32(erf3, 0x3fb5f0e3)      // 1.421413741
CONST32(erf4, 0xbfba00e3)      // -1.453152027
CONST32(erf5, 0x3f87dc22)      // 1.061405429

// The order of double words that undoes the packing inside 128-bit halves.
DATA unpacked<>+0(SB)/4, $0
DATA unpacked<>+4(SB)/4, $4
DATA unpacked<>+8(SB)/4, $1
DATA unpacked<>+12(SB)/4, $5
DATA unpacked<>+16(SB)/4, $2
DATA unpacked<>+20(SB)/4, $6
DATA unpacked<>+24(SB)/4, $3
DATA unpacked<>+28(SB)/4, $7
GLOBL unpacked<>(SB), RODATA|NOPTR, $32

// func quantiseAVX2(x *float32, q *int8, scale *float32, minus *int32, blocks int)
TEXT ·quantiseAVX2(SB), NOSPLIT, $0-40
	MOVQ    x+0(FP), SI
	MOVQ    q+8(FP), DI
	MOVQ    scale+16(FP), R8
	MOVQ    minus+24(FP), R9
	MOVQ    blocks+32(FP), CX
	VMOVUPS absMask<>(SB), Y15
	VMOVUPS unpacked<>(SB), Y14
	VMOVSS  by127<>(SB), X13
	VMOVSS  one<>(SB), X12
	VXORPS  X11, X11, X11

next:
	VMOVUPS (SI), Y0
	VMOVUPS 32(SI), Y1
	VMOVUPS 64(SI), Y2
	VMOVUPS 96(SI), Y3

	// The greatest absolute value.
	VANDPS       Y15, Y0, Y4
	VANDPS       Y15, Y1, Y5
	VANDPS       Y15, Y2, Y6
	VANDPS       Y15, Y3, Y7
	VMAXPS       Y5, Y4, Y4
	VMAXPS       Y7, Y6, Y6
	VMAXPS       Y6, Y4, Y4
	VEXTRACTF128 $1, Y4, X5
	VMAXPS       X5, X4, X4
	VMOVHLPS     X4, X4, X5
	VMAXPS       X5, X4, X4
	VMOVSHDUP    X4, X5
	VMAXSS       X5, X4, X4

	// scale = most/127; values times 1/scale, or times 0.
	VDIVSS   X13, X4, X4
	VMOVSS   X4, (R8)
	VXORPS   X5, X5, X5
	VUCOMISS X11, X4
	JBE      zero
	VDIVSS   X4, X12, X5

zero:
	VBROADCASTSS X5, Y5
	VMULPS       Y5, Y0, Y0
	VMULPS       Y5, Y1, Y1
	VMULPS       Y5, Y2, Y2
	VMULPS       Y5, Y3, Y3
	VCVTPS2DQ    Y0, Y0
	VCVTPS2DQ    Y1, Y1
	VCVTPS2DQ    Y2, Y2
	VCVTPS2DQ    Y3, Y3

	// −8 times their sum.
	VPADDD       Y1, Y0, Y6
	VPADDD       Y3, Y2, Y7
	VPADDD       Y7, Y6, Y6
	VEXTRACTI128 $1, Y6, X7
	VPADDD       X7, X6, X6
	VPSHUFD      $0x4e, X6, X7
	VPADDD       X7, X6, X6
	VPSHUFD      $0xb1, X6, X7
	VPADDD       X7, X6, X6
	VMOVD        X6, AX
	SHLL         $3, AX
	NEGL         AX
	MOVL         AX, (R9)

	// To bytes.
	VPACKSSDW Y1, Y0, Y0
	VPACKSSDW Y3, Y2, Y2
	VPACKSSWB Y2, Y0, Y0
	VPERMD    Y0, Y14, Y0
	VMOVDQU   Y0, (DI)

	ADDQ $128, SI
	ADDQ $32, DI
	ADDQ $16, R8
	ADDQ $16, R9
	DECQ CX
	JNZ  next
	VZEROUPPER
	RET

// func spreadAVX2(out, packed *byte, blocks int)
TEXT ·spreadAVX2(SB), NOSPLIT, $0-24
	MOVQ    out+0(FP), DI
	MOVQ    packed+8(FP), SI
	MOVQ    blocks+16(FP), CX
	VMOVDQU lowHalves<>(SB), Y15

next:
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1
	VMOVDQU 64(SI), Y2
	VMOVDQU 96(SI), Y3
	VPSRLW  $4, Y0, Y4
	VPSRLW  $4, Y1, Y5
	VPSRLW  $4, Y2, Y6
	VPSRLW  $4, Y3, Y7
	VPAND   Y15, Y0, Y0
	VPAND   Y15, Y1, Y1
	VPAND   Y15, Y2, Y2
	VPAND   Y15, Y3, Y3
	VPAND   Y15, Y4, Y4
	VPAND   Y15, Y5, Y5
	VPAND   Y15, Y6, Y6
	VPAND   Y15, Y7, Y7
	VMOVDQU Y0, (DI)
	VMOVDQU Y1, 32(DI)
	VMOVDQU Y2, 64(DI)
	VMOVDQU Y3, 96(DI)
	VMOVDQU Y4, 128(DI)
	VMOVDQU Y5, 160(DI)
	VMOVDQU Y6, 192(DI)
	VMOVDQU Y7, 224(DI)
	ADDQ    $128, SI
	ADDQ    $256, DI
	DECQ    CX
	JNZ     next
	VZEROUPPER
	RET

// One group of four columns of eight rows, with four tokens. Y12 holds the
// weights, unsigned, four columns of a row in each double word; the four
// columns of a token come as one double word, signed. A product of a pair is at
// most 2·15·127, and the eight groups of a block add to at most 30 480: the sum
// of a block fits 16 bits.
#define GROUP(offset) \
	VMOVDQU      (32*offset)(AX), Y12    \
	VPBROADCASTD (4*offset)(SI), Y8      \
	VPBROADCASTD (4*offset)(SI)(R10*1), Y9 \
	VPBROADCASTD (4*offset)(SI)(R10*2), Y10 \
	VPBROADCASTD (4*offset)(SI)(R11*1), Y11 \
	VPMADDUBSW   Y8, Y12, Y8             \
	VPMADDUBSW   Y9, Y12, Y9             \
	VPMADDUBSW   Y10, Y12, Y10           \
	VPMADDUBSW   Y11, Y12, Y11           \
	VPADDW       Y8, Y4, Y4              \
	VPADDW       Y9, Y5, Y5              \
	VPADDW       Y10, Y6, Y6             \
	VPADDW       Y11, Y7, Y7

// The end of a block for one token: pairs to double words, the correction of
// the weights' offset, then times both scales into the sum.
#define BLOCKEND(offset, short, sum) \
	VPMADDWD     Y15, short, short       \
	VPBROADCASTD (4*offset)(R9), Y8      \
	VPADDD       Y8, short, short        \
	VCVTDQ2PS    short, short            \
	VBROADCASTSS (4*offset)(R8), Y9      \
	VMULPS       Y13, Y9, Y9             \
	VFMADD231PS  short, Y9, sum

// func panelAVX2(w *byte, scale *float32, q *int8, qScale *float32, minus *int32, bias, y *float32, blocks, tiles, stride int)
TEXT ·panelAVX2(SB), NOSPLIT, $0-80
	MOVQ    q+16(FP), SI
	MOVQ    qScale+24(FP), R8
	MOVQ    minus+32(FP), R9
	MOVQ    y+48(FP), DI
	MOVQ    blocks+56(FP), R10
	SHLQ    $5, R10               // bytes from one token to the next
	LEAQ    (R10)(R10*2), R11
	MOVQ    tiles+64(FP), R12
	MOVQ    stride+72(FP), R13
	SHLQ    $2, R13
	VMOVDQU shortOnes<>(SB), Y15

nextTile:
	MOVQ   w+0(FP), AX
	MOVQ   scale+8(FP), BX
	MOVQ   blocks+56(FP), CX
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3

nextBlock:
	VPXOR   Y4, Y4, Y4
	VPXOR   Y5, Y5, Y5
	VPXOR   Y6, Y6, Y6
	VPXOR   Y7, Y7, Y7
	GROUP(0)
	GROUP(1)
	GROUP(2)
	GROUP(3)
	GROUP(4)
	GROUP(5)
	GROUP(6)
	GROUP(7)
	VMOVUPS (BX), Y13
	BLOCKEND(0, Y4, Y0)
	BLOCKEND(1, Y5, Y1)
	BLOCKEND(2, Y6, Y2)
	BLOCKEND(3, Y7, Y3)
	ADDQ    $256, AX
	ADDQ    $32, BX
	ADDQ    $32, SI
	ADDQ    $16, R8
	ADDQ    $16, R9
	DECQ    CX
	JNZ     nextBlock

	MOVQ    bias+40(FP), DX
	VMOVUPS (DX), Y13
	VADDPS  Y13, Y0, Y0
	VADDPS  Y13, Y1, Y1
	VADDPS  Y13, Y2, Y2
	VADDPS  Y13, Y3, Y3
	VMOVUPS Y0, (DI)
	ADDQ    R13, DI
	VMOVUPS Y1, (DI)
	ADDQ    R13, DI
	VMOVUPS Y2, (DI)
	ADDQ    R13, DI
	VMOVUPS Y3, (DI)
	ADDQ    R13, DI
	ADDQ    R11, SI               // past the three tokens beside the first
	DECQ    R12
	JNZ     nextTile
	VZEROUPPER
	RET

// func scoresAVX2(q, k, out *float32, head, fours, stride int, factor float32)
TEXT ·scoresAVX2(SB), NOSPLIT, $0-52
	MOVQ         q+0(FP), SI
	MOVQ         k+8(FP), DI
	MOVQ         out+16(FP), DX
	MOVQ         head+24(FP), R12
	SHRQ         $3, R12
	MOVQ         fours+32(FP), CX
	MOVQ         stride+40(FP), R8
	SHLQ         $2, R8
	LEAQ         (R8)(R8*2), R9
	VBROADCASTSS factor+48(FP), X15

nextFour:
	MOVQ   SI, AX
	MOVQ   DI, BX
	MOVQ   R12, R11
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3

nextLane:
	VMOVUPS     (AX), Y4
	VFMADD231PS (BX), Y4, Y0
	VFMADD231PS (BX)(R8*1), Y4, Y1
	VFMADD231PS (BX)(R8*2), Y4, Y2
	VFMADD231PS (BX)(R9*1), Y4, Y3
	ADDQ        $32, AX
	ADDQ        $32, BX
	DECQ        R11
	JNZ         nextLane

	VHADDPS      Y1, Y0, Y0
	VHADDPS      Y3, Y2, Y2
	VHADDPS      Y2, Y0, Y0
	VEXTRACTF128 $1, Y0, X1
	VADDPS       X1, X0, X0
	VMULPS       X15, X0, X0
	VMOVUPS      X0, (DX)
	ADDQ         $16, DX
	LEAQ         (DI)(R8*4), DI
	DECQ         CX
	JNZ          nextFour
	VZEROUPPER
	RET

// EXP makes y its exponential, for y ≤ 0, with n and p as room: e^y = 2^n · e^r,
// |r| ≤ ln 2 / 2, and Taylor's polynomial of degree 6 for e^r (error 1.2e-7).
#define EXP(y, n, p) \
	VMAXPS       expFloor<>(SB), y, y    \
	VMULPS       log2e<>(SB), y, n       \
	VROUNDPS     $8, n, n                \
	VFNMADD231PS ln2High<>(SB), n, y     \
	VFNMADD231PS ln2Low<>(SB), n, y      \
	VMOVUPS      c6<>(SB), p             \
	VFMADD213PS  c5<>(SB), y, p          \
	VFMADD213PS  c4<>(SB), y, p          \
	VFMADD213PS  c3<>(SB), y, p          \
	VFMADD213PS  half<>(SB), y, p        \
	VFMADD213PS  one<>(SB), y, p         \
	VFMADD213PS  one<>(SB), y, p         \
	VCVTPS2DQ    n, n                    \
	VPSLLD       $23, n, n               \
	VPADDD       n, p, y

// func softmaxAVX2(x *float32, lanes int) float32
TEXT ·softmaxAVX2(SB), NOSPLIT, $0-20
	MOVQ    x+0(FP), SI
	MOVQ    lanes+8(FP), CX
	VMOVUPS (SI), Y0
	MOVQ    SI, AX
	MOVQ    CX, BX

most:
	VMAXPS (AX), Y0, Y0
	ADDQ   $32, AX
	DECQ   BX
	JNZ    most
	VEXTRACTF128 $1, Y0, X1
	VMAXPS       X1, X0, X0
	VMOVHLPS     X0, X0, X1
	VMAXPS       X1, X0, X0
	VMOVSHDUP    X0, X1
	VMAXSS       X1, X0, X0
	VBROADCASTSS X0, Y0
	VXORPS       Y4, Y4, Y4

next:
	VMOVUPS (SI), Y1
	VSUBPS  Y0, Y1, Y1
	EXP(Y1, Y2, Y3)
	VMOVUPS Y1, (SI)
	VADDPS  Y1, Y4, Y4
	ADDQ    $32, SI
	DECQ    CX
	JNZ     next
	VEXTRACTF128 $1, Y4, X1
	VADDPS       X1, X4, X4
	VMOVHLPS     X4, X4, X1
	VADDPS       X1, X4, X4
	VMOVSHDUP    X4, X1
	VADDSS       X1, X4, X4
	VMOVSS       X4, ret+16(FP)
	VZEROUPPER
	RET

// func mixAVX2(weights, v, out *float32, head, n, stride int, factor float32)
//
// 32 columns at a time, then eight at a time.
TEXT ·mixAVX2(SB), NOSPLIT, $0-52
	MOVQ         weights+0(FP), SI
	MOVQ         v+8(FP), DI
	MOVQ         out+16(FP), DX
	MOVQ         head+24(FP), R10
	MOVQ         n+32(FP), R11
	MOVQ         stride+40(FP), R8
	SHLQ         $2, R8
	VBROADCASTSS factor+48(FP), Y15

wide:
	CMPQ   R10, $32
	JLT    narrow
	MOVQ   SI, AX
	MOVQ   DI, BX
	MOVQ   R11, CX
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3

wideRow:
	VBROADCASTSS (AX), Y4
	VFMADD231PS  (BX), Y4, Y0
	VFMADD231PS  32(BX), Y4, Y1
	VFMADD231PS  64(BX), Y4, Y2
	VFMADD231PS  96(BX), Y4, Y3
	ADDQ         $4, AX
	ADDQ         R8, BX
	DECQ         CX
	JNZ          wideRow
	VMULPS       Y15, Y0, Y0
	VMULPS       Y15, Y1, Y1
	VMULPS       Y15, Y2, Y2
	VMULPS       Y15, Y3, Y3
	VMOVUPS      Y0, (DX)
	VMOVUPS      Y1, 32(DX)
	VMOVUPS      Y2, 64(DX)
	VMOVUPS      Y3, 96(DX)
	ADDQ         $128, DX
	ADDQ         $128, DI
	SUBQ         $32, R10
	JMP          wide

narrow:
	TESTQ  R10, R10
	JZ     done
	MOVQ   SI, AX
	MOVQ   DI, BX
	MOVQ   R11, CX
	VXORPS Y0, Y0, Y0

narrowRow:
	VBROADCASTSS (AX), Y4
	VFMADD231PS  (BX), Y4, Y0
	ADDQ         $4, AX
	ADDQ         R8, BX
	DECQ         CX
	JNZ          narrowRow
	VMULPS       Y15, Y0, Y0
	VMOVUPS      Y0, (DX)
	ADDQ         $32, DX
	ADDQ         $32, DI
	SUBQ         $8, R10
	JMP          narrow

done:
	VZEROUPPER
	RET

// func geluAVX2(x *float32, lanes int)
//
// x·Φ(x) = max(x, 0) − |x|/2 · (a1·t + … + a5·t⁵) · e^(−x²/2), t = 1/(1 + p·|x|/√2):
// Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26; the error
// of erf is 1.5e-7 at most.
TEXT ·geluAVX2(SB), NOSPLIT, $0-16
	MOVQ    x+0(FP), SI
	MOVQ    lanes+8(FP), CX
	VMOVUPS absMask<>(SB), Y15
	VMOVUPS one<>(SB), Y14
	VMOVUPS minusHalf<>(SB), Y13
	VXORPS  Y12, Y12, Y12

next:
	VMOVUPS     (SI), Y0
	VANDPS      Y15, Y0, Y1        // |x|
	VMULPS      erfP<>(SB), Y1, Y2
	VADDPS      Y14, Y2, Y2
	VDIVPS      Y2, Y14, Y2        // t
	VMULPS      Y0, Y0, Y3
	VMULPS      Y13, Y3, Y3
	EXP(Y3, Y4, Y5)
	VMOVUPS     erf5<>(SB), Y6
	VFMADD213PS erf4<>(SB), Y2, Y6
	VFMADD213PS erf3<>(SB), Y2, Y6
	VFMADD213PS erf2<>(SB), Y2, Y6
	VFMADD213PS erf1<>(SB), Y2, Y6
	VMULPS      Y2, Y6, Y6
	VMULPS      Y3, Y6, Y6
	VMULPS      Y13, Y1, Y1        // −|x|/2
	VMAXPS      Y12, Y0, Y0
	VFMADD231PS Y6, Y1, Y0
	VMOVUPS     Y0, (SI)
	ADDQ        $32, SI
	DECQ        CX
	JNZ         next
	VZEROUPPER
	RET

// func addNormAVX2(x, y, factor, term *float32, lanes int, epsilon float32)
TEXT ·addNormAVX2(SB), NOSPLIT, $0-44
	MOVQ   x+0(FP), SI
	MOVQ   y+8(FP), DI
	MOVQ   lanes+32(FP), CX
	VXORPS Y0, Y0, Y0
	XORQ   AX, AX

add:
	VMOVUPS (SI)(AX*1), Y1
	VADDPS  (DI)(AX*1), Y1, Y1
	VMOVUPS Y1, (SI)(AX*1)
	VADDPS  Y1, Y0, Y0
	ADDQ    $32, AX
	DECQ    CX
	JNZ     add

	// The number of floats, to divide by.
	MOVQ         AX, BX
	SHRQ         $2, BX
	VXORPS       X15, X15, X15
	VCVTSI2SSQ   BX, X15, X15
	VEXTRACTF128 $1, Y0, X1
	VADDPS       X1, X0, X0
	VMOVHLPS     X0, X0, X1
	VADDPS       X1, X0, X0
	VMOVSHDUP    X0, X1
	VADDSS       X1, X0, X0
	VDIVSS       X15, X0, X0
	VBROADCASTSS X0, Y0            // mean

	VXORPS Y2, Y2, Y2
	XORQ   AX, AX
	MOVQ   lanes+32(FP), CX

spreadOut:
	VMOVUPS     (SI)(AX*1), Y1
	VSUBPS      Y0, Y1, Y1
	VFMADD231PS Y1, Y1, Y2
	ADDQ        $32, AX
	DECQ        CX
	JNZ         spreadOut
	VEXTRACTF128 $1, Y2, X1
	VADDPS       X1, X2, X2
	VMOVHLPS     X2, X2, X1
	VADDPS       X1, X2, X2
	VMOVSHDUP    X2, X1
	VADDSS       X1, X2, X2
	VDIVSS       X15, X2, X2
	VADDSS       epsilon+40(FP), X2, X2
	VSQRTSS      X2, X2, X2
	VMOVSS       one<>(SB), X3
	VDIVSS       X2, X3, X2
	VBROADCASTSS X2, Y2            // 1/√(variance + ε)

	MOVQ factor+16(FP), R8
	MOVQ term+24(FP), R9
	XORQ AX, AX
	MOVQ lanes+32(FP), CX

write:
	VMOVUPS     (SI)(AX*1), Y1
	VSUBPS      Y0, Y1, Y1
	VMULPS      Y2, Y1, Y1
	VMOVUPS     (R8)(AX*1), Y3
	VFMADD213PS (R9)(AX*1), Y3, Y1
	VMOVUPS     Y1, (SI)(AX*1)
	ADDQ        $32, AX
	DECQ        CX
	JNZ         write
	VZEROUPPER
	RET
