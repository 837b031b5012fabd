//! `pullquote import`: files and addresses that people already have.

use std::ffi::OsString;
use std::path::Path;

use anyhow::Context as _;

use super::output::Output;
use super::{Context, Exit, complain, keeper, look_for_drift, now, on_one_line, progress, pull, run_name};
use crate::exchange::Request;
use crate::import::{self, ImportError, Importer, Report};

/// Arguments of `import`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Saved pages, API answers, lines, tables, feeds, texts, exports, archives (ZIP, tar, WARC, WACZ, HAR; also gzipped), folders,
    /// or http(s) addresses of pages
    #[arg(required = true, value_name = "FILE|URL")]
    inputs: Vec<OsString>,
    #[command(flatten)]
    map: super::map::MapArg,
}

pub(super) fn run(args: Args, context: Context) -> anyhow::Result<Exit> {
    let map = args.map.whole()?;
    let mut keeper = keeper(&context.archive)?;
    let now = now();
    let run = run_name(now);
    let mut importer = Importer { keeper: &mut keeper, run: &run, now };
    let mut out = Output::new();
    let (mut failed, mut partly) = (0, false);
    // Whoever reads the summaries may go; the files are imported all the same.
    let mut told = Ok(());
    for input in &args.inputs {
        let address = input.to_str().filter(|input| input.starts_with("https://") || input.starts_with("http://"));
        let report = match address {
            Some(address) => fetch(&mut importer, address, map.as_deref(), &context),
            None => file(&mut importer, Path::new(input), map.as_deref()),
        };
        match report {
            Ok(report) => {
                told = told.and_then(|()| summary(&input.to_string_lossy(), &report, &mut out));
                // Some items without a post are no failure; nothing but such items is.
                partly |= !report.problems.is_empty() || (report.posts == 0 && !report.skipped.is_empty());
            }
            Err(error) if error.downcast_ref().is_some_and(ImportError::is_of_the_archive) => return Err(error),
            // One input that cannot be read does not keep the others out.
            Err(error) => {
                told = told.and_then(|()| out.flush());
                complain(&error);
                failed += 1;
            }
        }
    }
    let exit = look_for_drift(&keeper, &run, Exit::of_inputs(failed, args.inputs.len(), partly))?;
    keeper.close()?;
    match told.and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => return Err(error.into()),
        _ => {}
    }
    Ok(exit)
}

fn file(importer: &mut Importer<'_>, path: &Path, map: Option<&str>) -> anyhow::Result<Report> {
    let bar = progress::bytes(import::size(path));
    let report = importer.mapped(path, map, &mut |report| {
        bar.set_position(report.bytes);
        bar.set_message(format!("{} posts", report.posts));
    });
    bar.finish_and_clear();
    Ok(report?)
}

fn fetch(importer: &mut Importer<'_>, url: &str, map: Option<&str>, context: &Context) -> anyhow::Result<Report> {
    let transport = pull::transport(&context.config, &[], |_| {})?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("start the runtime")?;
    // What stands in a fragment is ours; that of a page is for its reader.
    let request = Request::get(url.split('#').next().unwrap_or_default());
    let request = map.map_or(request.clone(), |map| request.with_map(map));
    let sent = runtime.block_on(transport.send(&request));
    Ok(importer.fetched(sent, url)?)
}

fn summary(input: &str, report: &Report, out: &mut Output) -> std::io::Result<()> {
    let tally = &report.tally;
    out.line(&format!(
        "{}: {} posts: {} new, {} known, {} changed",
        on_one_line(input),
        report.posts,
        tally.new,
        tally.known,
        tally.changed
    ))?;
    for (reason, count, at) in report.skipped.iter() {
        out.line(&format!("  skipped  {count}: {reason} (first at {at})"))?;
    }
    for (doubt, count, at) in report.doubts.iter() {
        out.line(&format!("  doubtful {count}: {doubt} (first at {at})"))?;
    }
    if report.already > 0 {
        out.line(&format!("  already kept: {} captures of the same bytes", report.already))?;
    }
    if report.without_posts > 0 {
        out.line(&format!("  not kept: {} files or records that hold no posts (-v names them)", report.without_posts))?;
    }
    for problem in &report.problems {
        out.line(&format!("  failed   {problem}"))?;
    }
    Ok(())
}
