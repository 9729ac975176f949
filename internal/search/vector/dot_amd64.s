#include "textflag.h"

// func dotRowsAVX2(q, rows, out *float32, dim, n int)
//
// Four accumulators of eight floats each over 32 floats at a time, then eight
// at a time into the first.
TEXT ·dotRowsAVX2(SB), NOSPLIT, $0-40
	MOVQ q+0(FP), SI
	MOVQ rows+8(FP), DI
	MOVQ out+16(FP), DX
	MOVQ dim+24(FP), R8
	MOVQ n+32(FP), R9
	MOVQ R8, R10
	SHRQ $5, R10             // steps of 32 floats
	MOVQ R8, R11
	SHRQ $3, R11
	ANDQ $3, R11             // steps of 8 floats that are left

row:
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3
	MOVQ   SI, AX
	MOVQ   R10, CX
	TESTQ  CX, CX
	JZ     rest

wide:
	VMOVUPS     (AX), Y4
	VMOVUPS     32(AX), Y5
	VMOVUPS     64(AX), Y6
	VMOVUPS     96(AX), Y7
	VFMADD231PS (DI), Y4, Y0
	VFMADD231PS 32(DI), Y5, Y1
	VFMADD231PS 64(DI), Y6, Y2
	VFMADD231PS 96(DI), Y7, Y3
	ADDQ        $128, AX
	ADDQ        $128, DI
	DECQ        CX
	JNZ         wide

rest:
	MOVQ  R11, CX
	TESTQ CX, CX
	JZ    sum

narrow:
	VMOVUPS     (AX), Y4
	VFMADD231PS (DI), Y4, Y0
	ADDQ        $32, AX
	ADDQ        $32, DI
	DECQ        CX
	JNZ         narrow

sum:
	VADDPS       Y1, Y0, Y0
	VADDPS       Y3, Y2, Y2
	VADDPS       Y2, Y0, Y0
	VEXTRACTF128 $1, Y0, X1
	VADDPS       X1, X0, X0
	VMOVHLPS     X0, X0, X1
	VADDPS       X1, X0, X0
	VMOVSHDUP    X0, X1
	VADDSS       X1, X0, X0
	VMOVSS       X0, (DX)
	ADDQ         $4, DX
	DECQ         R9
	JNZ          row
	VZEROUPPER
	RET

DATA shortOnes<>+0(SB)/8, $0x0001000100010001
DATA shortOnes<>+8(SB)/8, $0x0001000100010001
DATA shortOnes<>+16(SB)/8, $0x0001000100010001
DATA shortOnes<>+24(SB)/8, $0x0001000100010001
GLOBL shortOnes<>(SB), RODATA|NOPTR, $32

// func multiplyCodesAVX2(signs, sizes, codes *int8, out *int32, steps, n int)
//
// Each code of a row takes the sign of the query's and is multiplied with its
// size: two products of 127 at most fit 16 bits.
TEXT ·multiplyCodesAVX2(SB), NOSPLIT, $0-48
	MOVQ    signs+0(FP), SI
	MOVQ    sizes+8(FP), R8
	MOVQ    codes+16(FP), DI
	MOVQ    out+24(FP), DX
	MOVQ    steps+32(FP), R10
	SHLQ    $5, R10
	MOVQ    n+40(FP), R9
	VMOVDQU shortOnes<>(SB), Y15

row:
	VPXOR Y0, Y0, Y0
	XORQ  AX, AX

step:
	VMOVDQU    (DI)(AX*1), Y1
	VPSIGNB    (SI)(AX*1), Y1, Y1
	VMOVDQU    (R8)(AX*1), Y2
	VPMADDUBSW Y1, Y2, Y1
	VPMADDWD   Y15, Y1, Y1
	VPADDD     Y1, Y0, Y0
	ADDQ       $32, AX
	CMPQ       AX, R10
	JLT        step

	VEXTRACTI128 $1, Y0, X1
	VPADDD       X1, X0, X0
	VPSHUFD      $0x4e, X0, X1
	VPADDD       X1, X0, X0
	VPSHUFD      $0xb1, X0, X1
	VPADDD       X1, X0, X0
	VMOVD        X0, (DX)
	ADDQ         $4, DX
	ADDQ         R10, DI
	DECQ         R9
	JNZ          row
	VZEROUPPER
	RET
