package io.mtdagent.android;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import android.annotation.TargetApi;
import android.os.Build;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.Test;

/** A class for newer Androids is reached only behind a check of the level. That no other one needs them: pom.xml. */
public class GuardTest {
    private static final Pattern NAMED = Pattern.compile("Api(\\d+)$");

    @Test
    public void everyClassOfALaterLevelIsReachedBehindACheck() throws Exception {
        Levels levels = new Levels();
        levels.readAll(new File(MtdAndroid.class.getProtectionDomain().getCodeSource().getLocation().toURI()));
        int later = 0;
        for (String name : levels.classes.keySet()) {
            Matcher named = NAMED.matcher(name);
            if (named.find()) {
                assertEquals(name, Integer.parseInt(named.group(1)), levels.of(name));
                later++;
            }
        }
        assertTrue("found " + later, later > 10);
        assertEquals(Collections.emptyList(), levels.faults());
    }

    @Test
    public void aCallWithoutACheckIsFound() throws Exception {
        assertEquals(Collections.emptyList(), faults(Checked.class));
        assertEquals(1, faults(Unchecked.class).size());
        assertEquals(1, faults(CheckedForTooLittle.class).size());
        assertEquals(1, faults(CheckedTheWrongWay.class).size());
        assertEquals(1, faults(CheckedOnOnePathOnly.class).size());
        assertEquals(1, faults(CallsItsOwn.class).size());
    }

    private static List<String> faults(Class<?> caller) throws IOException {
        Levels levels = new Levels();
        levels.read(bytes(Later.class));
        levels.read(bytes(caller));
        return levels.faults();
    }

    private static byte[] bytes(Class<?> read) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (InputStream in = GuardTest.class.getResourceAsStream("GuardTest$" + read.getSimpleName() + ".class")) {
            for (int next = in.read(); next >= 0; next = in.read()) {
                out.write(next);
            }
        }
        return out.toByteArray();
    }

    @TargetApi(24)
    static final class Later {
        static boolean call() {
            return true;
        }
    }

    static final class Checked {
        static boolean all(boolean other) {
            if (Build.VERSION.SDK_INT < 24) {
                return false;
            }
            return other && Later.call();
        }

        static boolean either(boolean other) {
            return Build.VERSION.SDK_INT < 28 || other || Later.call();
        }
    }

    static final class Unchecked {
        static boolean call() {
            return Later.call();
        }
    }

    static final class CallsItsOwn {
        @TargetApi(24)
        static boolean later() {
            return Later.call();
        }

        static boolean call() {
            return later();
        }
    }

    static final class CheckedForTooLittle {
        static boolean call() {
            return Build.VERSION.SDK_INT >= 23 && Later.call();
        }
    }

    static final class CheckedTheWrongWay {
        static boolean call() {
            return Build.VERSION.SDK_INT < 24 && Later.call();
        }
    }

    static final class CheckedOnOnePathOnly {
        static boolean call(boolean other) {
            return (other || Build.VERSION.SDK_INT >= 24) && Later.call();
        }
    }
}
