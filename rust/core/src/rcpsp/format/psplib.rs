//! The PSPLIB formats `.sm` (one mode for each job) and `.mm` (several, and nonrenewable resources; Kolisch and Sprecher 1997), the
//! second one also as MMLIB writes it (Van Peteghem and Vanhoucke 2014).

use std::fmt::Write as _;

use super::places::Rows;
use super::{FormatError, Project, ProjectData, count, integers, job_index, lines, shown, stopped};
use crate::control::Pulse;
use crate::cost;
use crate::error::InputError;
use crate::rcpsp::constraints::present;

/// Reads the header's counts and the sections PRECEDENCE RELATIONS, REQUESTS/DURATIONS and RESOURCEAVAILABILITIES.
///
/// Published files differ in their headings, which may have any words, and in comments, which begin with `#`.
pub(super) fn read(text: &str, pulse: &mut Pulse) -> Result<(ProjectData, Rows), FormatError> {
    let mut lines = lines(text);
    let header = Header::read(&mut lines)?;
    let (n, width, stocks) = (header.jobs, header.resources, header.stocks);
    let (mut data, mut rows) = (ProjectData::default(), Rows::default());
    let mut num_modes = Vec::new();
    for i in 0..n {
        if pulse.worked(cost::CHECKED.saturating_mul((width as u64).saturating_add(2))) {
            return Err(stopped());
        }
        let (line, row) = table_row(&mut lines, i, n, PRECEDENCE)?;
        let [job, modes, num_successors, successors @ ..] = row.as_slice() else {
            return Err(FormatError::at(line, "expected job, modes, number of successors, successors"));
        };
        expect_job(line, *job, i)?;
        if *modes < 1 {
            return Err(FormatError::at(line, format!("job {job} has {modes} modes, expected 1 or more")));
        }
        num_modes.push(*modes);
        if count(line, "the number of successors", *num_successors)? != successors.len() {
            let found = successors.len();
            return Err(FormatError::at(line, format!("job {job} declares {num_successors} successors, {found} follow")));
        }
        for &successor in successors {
            data.precedence.push((i as u32, job_index(line, successor, n)?));
            rows.pairs.push(line);
        }
    }
    skip_to(&mut lines, REQUESTS)?;
    let has_modes = stocks > 0 || num_modes.iter().any(|&modes| modes > 1);
    if has_modes {
        read_modes(&mut lines, (&num_modes, width, stocks), (&mut data, &mut rows), pulse)?;
    }
    for i in 0..if has_modes { 0 } else { n } {
        if pulse.worked(cost::CHECKED.saturating_mul((width as u64).saturating_add(2))) {
            return Err(stopped());
        }
        let (line, row) = table_row(&mut lines, i, n, REQUESTS)?;
        let [job, mode, duration, demand @ ..] = row.as_slice() else {
            return Err(FormatError::at(line, "expected job, mode, duration, demands"));
        };
        expect_job(line, *job, i)?;
        if *mode != 1 {
            return Err(FormatError::at(line, format!("job {job} has mode {mode}, only single-mode projects can be read")));
        }
        if demand.len() != width {
            return Err(FormatError::at(line, format!("job {job} has {} demands, expected {width}", demand.len())));
        }
        data.duration.push(*duration);
        data.demand.extend_from_slice(demand);
        rows.jobs.push(line);
    }
    skip_to(&mut lines, AVAILABILITIES)?;
    if width + stocks > 0 {
        let (line, mut row) = table_row(&mut lines, 0, 1, AVAILABILITIES)?;
        if row.len() != width + stocks {
            return Err(FormatError::at(line, format!("{} capacities, expected {}", row.len(), width + stocks)));
        }
        data.modes.nonrenewable = row.split_off(width);
        data.capacity = row;
        rows.stocks = line;
        rows.capacity = vec![line; width];
    }
    let is_noise = |text: &str| is_ruler(text) || (width + stocks == 0 && is_heading(text));
    if let Some((line, text)) = lines.find(|(_, text)| !is_noise(text)) {
        return Err(FormatError::at(line, format!("unexpected text after the capacities: '{}'", shown(text.trim()))));
    }
    rows.precedence.clone_from(&data.precedence);
    Ok((data, rows))
}

const PRECEDENCE: &str = "PRECEDENCE RELATIONS";
const REQUESTS: &str = "REQUESTS/DURATIONS";
const AVAILABILITIES: &str = "RESOURCEAVAILABILITIES";

struct Header {
    jobs: usize,
    resources: usize,
    stocks: usize,
}

impl Header {
    /// Reads up to and including the heading PRECEDENCE RELATIONS.
    fn read<'t>(lines: &mut impl Iterator<Item = (usize, &'t str)>) -> Result<Self, FormatError> {
        let (mut jobs, mut resources, mut stocks) = (None, None, 0);
        for (line, text) in lines {
            if is_title(text, PRECEDENCE) {
                let jobs =
                    jobs.ok_or_else(|| FormatError::at(line, "the header has no line 'jobs (incl. supersource/sink ):'"))?;
                let resources = resources.ok_or_else(|| FormatError::at(line, "the header has no line '- renewable :'"))?;
                return Ok(Self { jobs, resources, stocks });
            }
            let Some((key, rest)) = text.split_once(':') else { continue };
            let value = || -> Result<usize, FormatError> {
                let word = rest.split_whitespace().next();
                let word = word.ok_or_else(|| FormatError::at(line, "expected a number after ':'"))?;
                let number = integers(line, word)?;
                count(line, "the number", *number.first().ok_or_else(|| FormatError::at(line, "expected a number after ':'"))?)
            };
            let key = key.to_ascii_lowercase();
            if key.contains("doubly") {
                if value()? > 0 {
                    return Err(FormatError::at(line, "doubly constrained resources cannot be expressed"));
                }
            } else if key.contains("nonrenewable") || key.contains("non-renewable") {
                stocks = value()?;
            } else if key.contains("renewable") {
                resources = Some(value()?);
            } else if key.trim_start().starts_with("jobs") || key.contains("number of jobs") {
                jobs = Some(value()?);
            }
        }
        Err(FormatError::whole("not a project file: no section PRECEDENCE RELATIONS"))
    }
}

/// Reads REQUESTS/DURATIONS where jobs have several modes, of which the first stands behind the number of the job.
fn read_modes<'t>(
    lines: &mut impl Iterator<Item = (usize, &'t str)>,
    (num_modes, width, stocks): (&[i64], usize, usize),
    (data, rows): (&mut ProjectData, &mut Rows),
    pulse: &mut Pulse,
) -> Result<(), FormatError> {
    let n = num_modes.len();
    for (i, &modes) in num_modes.iter().enumerate() {
        for mode in 1..=modes {
            if pulse.worked(cost::CHECKED.saturating_mul(((width + stocks) as u64).saturating_add(2))) {
                return Err(stopped());
            }
            let (line, row) = table_row(lines, i, n, REQUESTS)?;
            let job = i as i64 + 1;
            let row = match row.as_slice() {
                row if mode > 1 => row,
                [found, row @ ..] => {
                    expect_job(line, *found, i)?;
                    row
                }
                [] => return Err(FormatError::at(line, "expected job, mode, duration, demands")),
            };
            let [found, duration, units @ ..] = row else {
                return Err(FormatError::at(line, "expected mode, duration, demands"));
            };
            if *found != mode {
                return Err(FormatError::at(line, format!("expected mode {mode} of job {job}, found {found}")));
            }
            if units.len() != width + stocks {
                let (found, expected) = (units.len(), width + stocks);
                return Err(FormatError::at(line, format!("job {job} has {found} demands, expected {expected}")));
            }
            data.modes.activity.push(i as u32);
            data.modes.duration.push(*duration);
            data.modes.demand.extend_from_slice(&units[..width]);
            data.modes.consumption.extend_from_slice(&units[width..]);
            rows.modes.push((line, i, mode));
        }
    }
    Ok(())
}

/// Whether a line is the title of that section; capitals and blanks make no difference.
fn is_title(text: &str, section: &str) -> bool {
    let mut letters = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase);
    section.chars().filter(|c| !c.is_whitespace()).all(|c| letters.next() == Some(c))
}

/// The line above the numbers of a section.
fn is_heading(text: &str) -> bool {
    let text = text.trim();
    text.starts_with("jobnr") || text.starts_with('R')
}

fn is_ruler(text: &str) -> bool {
    text.trim().bytes().all(|b| b == b'*' || b == b'-' || b == b'=')
}

/// Row `index` of a section of `rows`; rulers are passed over, and above the first row lines of words.
fn table_row<'t>(
    lines: &mut impl Iterator<Item = (usize, &'t str)>,
    index: usize,
    rows: usize,
    section: &str,
) -> Result<(usize, Vec<i64>), FormatError> {
    for (line, text) in lines {
        let text = text.trim();
        if is_ruler(text) {
            continue;
        }
        if text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+') {
            return Ok((line, integers(line, text)?));
        }
        let title = [PRECEDENCE, REQUESTS, AVAILABILITIES].iter().any(|section| is_title(text, section));
        let heading = is_heading(text) || (index == 0 && text.starts_with(char::is_alphabetic));
        if title || !heading {
            let shown = shown(text);
            return Err(FormatError::at(line, format!("expected row {} of {rows} of {section}, found '{shown}'", index + 1)));
        }
    }
    Err(FormatError::whole(format!("the file ends inside {section} ({rows} rows expected)")))
}

fn skip_to<'t>(lines: &mut impl Iterator<Item = (usize, &'t str)>, section: &str) -> Result<(), FormatError> {
    match lines.find(|(_, text)| !is_ruler(text) && (is_title(text, section) || !is_heading(text))) {
        Some((_, text)) if is_title(text, section) => Ok(()),
        Some((line, text)) => {
            Err(FormatError::at(line, format!("expected the section {section}, found '{}'", shown(text.trim()))))
        }
        None => Err(FormatError::whole(format!("the section {section} is missing"))),
    }
}

fn expect_job(line: usize, job: i64, index: usize) -> Result<(), FormatError> {
    if job == index as i64 + 1 {
        return Ok(());
    }
    Err(FormatError::at(line, format!("expected job {}, found {job}", index + 1)))
}

/// Writes a project as `.sm`, or one with modes as `.mm`. Names are not part of the format. Activities are written as they are: add a
/// source and a sink of duration 0 first if a reader insists on them.
///
/// # Errors
/// A project with constraints beyond precedence, modes and constant capacities, for which the formats have no place.
pub fn write_psplib(project: &Project) -> Result<String, InputError> {
    let constraints: Vec<&str> = present(project.data()).collect();
    if !constraints.is_empty() {
        let format = if project.modes().is_some() { "'mm'" } else { "'sm'" };
        return Err(InputError::new("format", format!("has no place for {}", constraints.join(", "))).value(format));
    }
    let (n, width) = (project.num_activities(), project.num_resources());
    let modes = project.modes();
    let (rows, stock) = match modes {
        Some(modes) => (modes.rows(n), modes.nonrenewable.as_slice()),
        None => (Vec::new(), [].as_slice()),
    };
    let horizon = modes.map_or(project.horizon(), |modes| {
        rows.iter().map(|rows| rows.iter().map(|&row| modes.duration[row]).max().unwrap_or(0)).sum()
    });
    let ruler = "*".repeat(72);
    let length = crate::rcpsp::critical_path::time_analysis(project).length;
    let headings = (1..=width).map(|r| format!("R {r:>2}")).chain((1..=stock.len()).map(|k| format!("N {k:>2}")));
    let headings = headings.collect::<Vec<_>>().join(" ");
    let mut out = format!(
        "{ruler}\nfile with basedata            : schedkit\ninitial value random generator: 0\n{ruler}\n\
         projects                      :  1\njobs (incl. supersource/sink ):  {n}\nhorizon                       :  {horizon}\n\
         RESOURCES\n  - renewable                 :  {width}   R\n  - nonrenewable              :  {}   N\n  \
         - doubly constrained        :  0   D\n{ruler}\nPROJECT INFORMATION:\n\
         pronr.  #jobs rel.date duedate tardcost  MPM-Time\n    1     {}      0     {length}        0     {length}\n{ruler}\n\
         PRECEDENCE RELATIONS:\njobnr.    #modes  #successors   successors\n",
        stock.len(),
        n.saturating_sub(2),
    );
    for i in 0..n {
        let successors = project.graph().successors().of(i);
        let count = rows.get(i).map_or(1, Vec::len);
        write!(out, "{:>4}        {count}        {:>3}       ", i + 1, successors.len()).expect("writing to a string");
        for &j in successors {
            write!(out, " {:>3}", j + 1).expect("writing to a string");
        }
        out.push('\n');
    }
    write!(out, "{ruler}\nREQUESTS/DURATIONS:\njobnr. mode duration {headings}\n{}\n", "-".repeat(72))
        .expect("writing to a string");
    let mut line = |job: Option<usize>, mode: usize, duration: i64, units: &mut dyn Iterator<Item = &i64>| {
        let job = job.map_or_else(String::new, |job| job.to_string());
        write!(out, "{job:>4}      {mode}   {duration:>4}   ").expect("writing to a string");
        for units in units {
            write!(out, " {units:>4}").expect("writing to a string");
        }
        out.push('\n');
    };
    match modes {
        None => (0..n).for_each(|i| line(Some(i + 1), 1, project.duration()[i], &mut project.demand_of(i).iter())),
        Some(modes) => {
            for (i, own) in rows.iter().enumerate() {
                for (k, &row) in own.iter().enumerate() {
                    let demand = &modes.demand[row * width..(row + 1) * width];
                    let units = &mut demand.iter().chain(modes.consumption_of(row));
                    line((k == 0).then_some(i + 1), k + 1, modes.duration[row], units);
                }
            }
        }
    }
    write!(out, "{ruler}\nRESOURCEAVAILABILITIES:\n {headings}\n").expect("writing to a string");
    for capacity in project.capacity().iter().chain(stock) {
        write!(out, " {capacity:>4}").expect("writing to a string");
    }
    write!(out, "\n{ruler}\n").expect("writing to a string");
    Ok(out)
}
