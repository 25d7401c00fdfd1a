// SPDX-FileCopyrightText: The CrossTrace authors
// SPDX-License-Identifier: BSD-3-Clause

/// @file
/// Findings in a page, and links to them. For use inside report/ only.
#pragma once

#include <crosstrace/report/detail/findings.h>
#include <crosstrace/report/report.h>

#include <pugixml.hpp>
#include <string>

namespace crosstrace::detail {

/// Appends an element; its text is made printable, and escaped when the page is written.
pugi::xml_node add_element(pugi::xml_node parent, const char* tag, const std::string& text = "",
                           const char* css_class = nullptr);

/// `caused by device-literal-1, ...`, each a link to the finding; nothing if the cell has no
/// causes.
void add_cause_links(pugi::xml_node parent, const CellResult& cell, const Report& report,
                     const FindingIndex& index);

/// All findings, each unfolding to why and what to do: unfolded from the start above a note.
void add_findings(pugi::xml_node body, const Report& report);

}  // namespace crosstrace::detail
