package io.mtdagent.android;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.AnnotationNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.FieldInsnNode;
import org.objectweb.asm.tree.InsnList;
import org.objectweb.asm.tree.IntInsnNode;
import org.objectweb.asm.tree.JumpInsnNode;
import org.objectweb.asm.tree.LdcInsnNode;
import org.objectweb.asm.tree.LookupSwitchInsnNode;
import org.objectweb.asm.tree.MethodInsnNode;
import org.objectweb.asm.tree.MethodNode;
import org.objectweb.asm.tree.TableSwitchInsnNode;
import org.objectweb.asm.tree.TryCatchBlockNode;
import org.objectweb.asm.tree.TypeInsnNode;

/**
 * Which API level a piece of code may count on: that of its class ({@code @TargetApi}), or a higher one where every path
 * to it compared {@code SDK_INT}. A class or method marked with a level may be named only where that one is certain.
 */
final class Levels {
    static final int FLOOR = 16;

    private static final String MARK = "Landroid/annotation/TargetApi;";
    private static final int UNREACHED = Integer.MAX_VALUE;

    /** By internal name. */
    final Map<String, ClassNode> classes = new TreeMap<String, ClassNode>();

    void readAll(File folder) throws IOException {
        for (File file : folder.listFiles()) {
            if (file.isDirectory()) {
                readAll(file);
            } else if (file.getName().endsWith(".class")) {
                read(Files.readAllBytes(file.toPath()));
            }
        }
    }

    void read(byte[] bytes) {
        ClassNode node = new ClassNode();
        new ClassReader(bytes).accept(node, ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
        classes.put(node.name, node);
    }

    /** Of a class, or of the one around it. */
    int of(String name) {
        ClassNode node = classes.get(name);
        if (node == null) {
            return FLOOR;
        }
        int outer = name.lastIndexOf('$');
        return Math.max(marked(node.invisibleAnnotations), outer < 0 ? FLOOR : of(name.substring(0, outer)));
    }

    /** What names a class or method at a place where its level is not certain. */
    List<String> faults() {
        List<String> faults = new ArrayList<String>();
        for (ClassNode node : classes.values()) {
            if (of(node.superName) > of(node.name)) {
                faults.add(node.name + " extends " + node.superName);
            }
            for (MethodNode method : node.methods) {
                int floor = Math.max(of(node.name), marked(method.invisibleAnnotations));
                check(node.name + '.' + method.name, method, floor, faults);
            }
        }
        return faults;
    }

    private void check(String where, MethodNode method, int floor, List<String> faults) {
        int[] certain = certain(method, floor);
        for (int i = 0; i < certain.length; i++) {
            int needed = needed(method.instructions.get(i));
            if (needed > certain[i]) {
                faults.add(where + " names " + named(method.instructions.get(i)) + " of API " + needed + " at API "
                        + certain[i]);
            }
        }
        for (TryCatchBlockNode block : method.tryCatchBlocks) {
            if (block.type != null && of(block.type) > floor) {
                faults.add(where + " catches " + block.type);
            }
        }
    }

    private int needed(AbstractInsnNode at) {
        String named = named(at);
        int needed = named == null ? FLOOR : of(named);
        ClassNode owner = at instanceof MethodInsnNode ? classes.get(named) : null;
        if (owner != null) {
            MethodInsnNode call = (MethodInsnNode) at;
            for (MethodNode method : owner.methods) {
                if (method.name.equals(call.name) && method.desc.equals(call.desc)) {
                    needed = Math.max(needed, marked(method.invisibleAnnotations));
                }
            }
        }
        return needed;
    }

    private static String named(AbstractInsnNode at) {
        if (at instanceof MethodInsnNode) {
            return ((MethodInsnNode) at).owner;
        }
        if (at instanceof FieldInsnNode) {
            return ((FieldInsnNode) at).owner;
        }
        if (at instanceof TypeInsnNode) {
            return ((TypeInsnNode) at).desc;
        }
        Object constant = at instanceof LdcInsnNode ? ((LdcInsnNode) at).cst : null;
        return constant instanceof Type ? ((Type) constant).getInternalName() : null;
    }

    /** The level that is certain at each instruction: the least over all paths to it. */
    private static int[] certain(MethodNode method, int floor) {
        InsnList code = method.instructions;
        int[] certain = new int[code.size()];
        Arrays.fill(certain, UNREACHED);
        Deque<Integer> changed = new ArrayDeque<Integer>();
        if (certain.length > 0) {
            lower(certain, 0, floor, changed);
        }
        while (!changed.isEmpty()) {
            int i = changed.pop();
            AbstractInsnNode at = code.get(i);
            for (TryCatchBlockNode block : method.tryCatchBlocks) {
                if (code.indexOf(block.start) <= i && i < code.indexOf(block.end)) {
                    lower(certain, code.indexOf(block.handler), certain[i], changed);
                }
            }
            int next = certain[i];
            if (at instanceof JumpInsnNode) {
                JumpInsnNode jump = (JumpInsnNode) at;
                lower(certain, code.indexOf(jump.label), Math.max(next, compared(jump, true)), changed);
                next = Math.max(next, compared(jump, false));
            } else if (at instanceof TableSwitchInsnNode) {
                TableSwitchInsnNode table = (TableSwitchInsnNode) at;
                lower(certain, code.indexOf(table.dflt), next, changed);
                table.labels.forEach(label -> lower(certain, code.indexOf(label), certain[i], changed));
            } else if (at instanceof LookupSwitchInsnNode) {
                LookupSwitchInsnNode table = (LookupSwitchInsnNode) at;
                lower(certain, code.indexOf(table.dflt), next, changed);
                table.labels.forEach(label -> lower(certain, code.indexOf(label), certain[i], changed));
            }
            if (goesOn(at.getOpcode()) && i + 1 < certain.length) {
                lower(certain, i + 1, next, changed);
            }
        }
        return certain;
    }

    private static void lower(int[] certain, int at, int level, Deque<Integer> changed) {
        if (level < certain[at]) {
            certain[at] = level;
            changed.push(at);
        }
    }

    private static boolean goesOn(int opcode) {
        boolean returns = opcode >= Opcodes.IRETURN && opcode <= Opcodes.RETURN;
        return !returns && opcode != Opcodes.GOTO && opcode != Opcodes.ATHROW && opcode != Opcodes.TABLESWITCH
                && opcode != Opcodes.LOOKUPSWITCH;
    }

    /** What a comparison of {@code SDK_INT} with a number makes certain, where it jumps or goes on. */
    private static int compared(JumpInsnNode jump, boolean jumps) {
        AbstractInsnNode number = real(jump.getPrevious());
        AbstractInsnNode level = number == null ? null : real(number.getPrevious());
        if (!(number instanceof IntInsnNode) || !(level instanceof FieldInsnNode)
                || !((FieldInsnNode) level).name.equals("SDK_INT")) {
            return FLOOR;
        }
        int bound = ((IntInsnNode) number).operand;
        switch (jump.getOpcode()) {
            case Opcodes.IF_ICMPLT:
                return jumps ? FLOOR : bound;
            case Opcodes.IF_ICMPGE:
                return jumps ? bound : FLOOR;
            case Opcodes.IF_ICMPLE:
                return jumps ? FLOOR : bound + 1;
            case Opcodes.IF_ICMPGT:
                return jumps ? bound + 1 : FLOOR;
            default:
                return FLOOR;
        }
    }

    /** Labels and line numbers are no instructions. */
    private static AbstractInsnNode real(AbstractInsnNode at) {
        AbstractInsnNode real = at;
        while (real != null && real.getOpcode() < 0) {
            real = real.getPrevious();
        }
        return real;
    }

    private static int marked(List<AnnotationNode> annotations) {
        int level = FLOOR;
        if (annotations != null) {
            for (AnnotationNode annotation : annotations) {
                if (annotation.desc.equals(MARK)) {
                    level = (Integer) annotation.values.get(1);
                }
            }
        }
        return level;
    }
}
