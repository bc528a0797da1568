package io.mtdagent.sample;

import android.app.Activity;
import android.os.Bundle;
import android.view.View;
import android.widget.Button;
import android.widget.LinearLayout;
import android.widget.ScrollView;
import android.widget.TextView;
import io.mtdagent.MtdAccess;
import io.mtdagent.MtdException;
import io.mtdagent.MtdStatus;
import io.mtdagent.MtdThreat;

/** The level, the threats, and at each level that a policy may allow what blocks and what to do about it. */
public final class StatusActivity extends Activity implements Runnable {
    private TextView text;
    private Button consent;

    @Override
    protected void onCreate(Bundle saved) {
        super.onCreate(saved);
        text = new TextView(this);
        consent = new Button(this);
        consent.setText(R.string.consent);
        consent.setOnClickListener(new View.OnClickListener() {
            @Override
            public void onClick(View button) {
                app().consent();
                run();
            }
        });
        LinearLayout column = new LinearLayout(this);
        column.setOrientation(LinearLayout.VERTICAL);
        column.addView(consent);
        column.addView(text);
        ScrollView page = new ScrollView(this);
        page.addView(column);
        setContentView(page);
    }

    @Override
    protected void onResume() {
        super.onResume();
        app().setOnChange(this);
        run();
    }

    @Override
    protected void onPause() {
        app().setOnChange(null);
        super.onPause();
    }

    /** Shows what is known now. */
    @Override
    public void run() {
        consent.setVisibility(app().consented() ? View.GONE : View.VISIBLE);
        text.setText(page());
    }

    private String page() {
        MtdException stopped = app().stopped();
        if (stopped != null) {
            return getString(R.string.not_started, stopped.getMessage());
        }
        MtdStatus status = app().status();
        if (status == null) {
            return getString(R.string.starting);
        }
        StringBuilder page = new StringBuilder();
        line(page, status.level == null ? getString(R.string.no_level, status.activation)
                : getString(R.string.level, status.level));
        if (status.need != null) {
            line(page, getString(R.string.need, status.need.text));
        }
        if (status.notice != null) {
            line(page, status.notice.text);
        }
        for (MtdThreat threat : status.threats) {
            line(page, getString(R.string.threat, threat.level, threat.classification, threat.advice));
        }
        if (status.threats.isEmpty()) {
            line(page, getString(R.string.no_threat));
        }
        for (MtdAccess access : status.access) {
            line(page, access.passes ? getString(R.string.passes, access.required)
                    : getString(R.string.blocked, access.required, remedies(access)));
        }
        return page.toString();
    }

    private static String remedies(MtdAccess access) {
        StringBuilder remedies = new StringBuilder();
        for (MtdAccess.Blocker blocker : access.blockers) {
            remedies.append(remedies.length() == 0 ? "" : " ").append(blocker.remedy);
        }
        return remedies.toString();
    }

    private static void line(StringBuilder page, String line) {
        page.append(line).append('\n');
    }

    private SampleApp app() {
        return (SampleApp) getApplication();
    }
}
